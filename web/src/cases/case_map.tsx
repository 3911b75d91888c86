// Where are site, measures and the 300 m around? A small still map; with `draw` it takes points and lines.
import { useEffect, useRef } from "preact/hooks";
import type { CaseDetail, Point } from "../api_cases";
import { meta } from "../store";
import { lang } from "../words";
import { caseWords } from "../words/cases";
import type { SmallMap } from "./small_map";

export function CaseMap({ c }: { c: CaseDetail }) {
  const w = caseWords.value;
  const box = useRef<HTMLDivElement>(null);
  const paper = useRef<HTMLImageElement>(null);
  const city = meta.value?.city;
  useEffect(() => {
    let map: SmallMap | undefined;
    let gone = false;
    const print = () => {
      if (map && paper.current) paper.current.src = map.picture();
    };
    window.addEventListener("beforeprint", print);
    if (!city) return () => window.removeEventListener("beforeprint", print);
    import("./small_map").then((m) => {
      if (gone || !box.current) return;
      map = m.startSmallMap(box.current, { city, language: lang.peek(), label: w.map });
      const core: Point | null = c.point ? { lon: c.point[0], lat: c.point[1] } : null;
      // Taken ahead: a picture set only when printing begins may come too late for the paper.
      map.settled(print);
      map.show({ core, works: c.works.map((k) => ({ n: k.n, place: k.place })) });
    }, () => undefined);
    return () => {
      gone = true;
      window.removeEventListener("beforeprint", print);
      map?.stop();
    };
  }, [c.id, c.version, city?.bbox.join()]);
  if (!city) return null;
  return (
    <>
      <div ref={box} class="small-map" />
      <img ref={paper} class="case-paper-map" alt={w.map} />
      <p class="hint"><span class="key-core" /> {w.core} <span class="key-ring" /> {w.ring} · {c.works.map((k) => `${k.n} ${lang.value === "zh" ? k.name : k.name_en}`).join("  ")}</p>
      <p class="hint">{city.attribution.join(" · ")}</p>
    </>
  );
}
