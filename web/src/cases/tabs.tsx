// How does one go between list, league, catalogue and registering? Links that look like tabs.
import { power } from "../store";
import { caseWords } from "../words/cases";

export function CaseTabs({ here }: { here: "list" | "league" | "catalogue" | "import" }) {
  const w = caseWords.value;
  const edits = ["edit", "approve", "sign"].includes(power("sites"));
  const link = (id: typeof here, name: string) => <a class="button small" href={id === "list" ? "#/cases" : `#/cases?item=${id}`} aria-current={here === id ? "page" : undefined}>{name}</a>;
  return <nav class="row no-print" aria-label={w.title}>{link("list", w.list)}{link("league", w.league)}{link("catalogue", w.catalogue)}{edits && link("import", w.imports)}</nav>;
}
