// Which cases does a site have, and how does one begin another? A part of the site's page.
import { cases } from "../api_cases";
import { useLoad } from "../load";
import { go } from "../state";
import { power } from "../store";
import { Panel } from "../ui";
import { caseWords } from "../words/cases";
import { Calculator } from "./benefit";
import { Row } from "./list";

export function SiteCases({ site }: { site: string }) {
  const w = caseWords.value;
  const { state, again } = useLoad(() => cases.ofSite(site));
  const may = ["propose", "draft", "edit", "approve", "sign"].includes(power("sites"));
  return (
    <>
      <section>
        <h3>{w.siteCases}</h3>
        <Panel state={state.value} again={again}>{(v) => (v.cases.length ? <ul class="case-list small">{v.cases.map((c) => <Row key={c.id} c={c} />)}</ul> : <p class="dim">–</p>)}</Panel>
        {may && <button type="button" class="button no-print" onClick={() => go({ page: "cases", item: `new-${site}`, ticket: null })}>{w.draft}</button>}
      </section>
      <Calculator site={site} />
    </>
  );
}
