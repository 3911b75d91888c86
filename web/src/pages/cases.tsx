// What is open of the cases: the list, one case, a draft, the league of measures, the catalogue, a table to register?
import { view } from "../state";
import { session } from "../store";
import { Icon } from "../ui";
import { words } from "../words";
import { CaseList } from "../cases/list";
import { CasePage } from "../cases/page";
import { DraftPage } from "../cases/draft";
import { League } from "../cases/league";
import { CataloguePage, MeasurePage } from "../cases/catalogue";
import { ImportTable } from "../cases/import";

export function CasesPage() {
  if (session.value?.rights.sites?.scope !== "all") return <div class="state"><Icon name="warn" /><p>{words.value.app.noRight}</p></div>;
  const item = view.value.item;
  if (!item) return <CaseList />;
  if (item === "league") return <League />;
  if (item === "import") return <ImportTable />;
  if (item === "catalogue") return <CataloguePage />;
  if (item.startsWith("measure-")) return <MeasurePage key={item} code={item.slice(8)} />;
  if (item.startsWith("new-")) return <DraftPage key={item} site={item.slice(4)} />;
  if (item.startsWith("edit-")) return <DraftPage key={item} no={item.slice(5)} />;
  return <CasePage key={item} no={item} />;
}
