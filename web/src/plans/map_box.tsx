// Where on the page does the map of a plan stand, with its legend, its tip and its picture for paper?
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ROLE_COLOURS, type PlanSpot, type Role } from "../layers/plan";
import type { PlanMap } from "../plan_map";
import { meta } from "../store";
import { lang } from "../words";
import { planWords } from "../words/plan";

export function MapBox({ spots, label, pick }: { spots: PlanSpot[]; label: string; pick: (id: string) => void }) {
  const w = planWords.value;
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<PlanMap | null>(null);
  const now = useRef(spots);
  now.current = spots;
  const tip = useSignal<{ text: string; x: number; y: number } | null>(null);
  const paper = useSignal("");
  const city = meta.value?.city;
  useEffect(() => {
    if (!box.current || !city) return;
    let gone = false;
    void import("../plan_map").then((m) => {
      if (gone || !box.current) return;
      held.current = m.startPlanMap(box.current, { city, language: lang.peek(), label }, { pick, tip: (text, x, y) => (tip.value = text ? { text, x, y } : null) });
      held.current.show(now.current);
    });
    const before = () => (paper.value = held.current?.picture() ?? "");
    window.addEventListener("beforeprint", before);
    return () => {
      gone = true;
      window.removeEventListener("beforeprint", before);
      held.current?.stop();
      held.current = null;
    };
  }, [city?.name, lang.value]);
  const key = JSON.stringify(spots);
  useEffect(() => held.current?.show(spots), [key]);
  const roles = [...new Set(spots.map((s) => s.role))] as Role[];
  return (
    <figure class="plan-map">
      <div class="plan-map-box" ref={box} role="region" aria-label={label} />
      {paper.value && <img class="plan-map-paper" src={paper.value} alt={label} />}
      {tip.value && <div class="map-tip" style={`transform: translate(${Math.round(tip.value.x + 12)}px, ${Math.round(tip.value.y + 12)}px)`}>{tip.value.text}</div>}
      <figcaption class="row wrap">{roles.map((r) => <span key={r}><i class={`dot ${r}`} style={`background:${ROLE_COLOURS[r]}`} /> {w[r]}</span>)}</figcaption>
    </figure>
  );
}
