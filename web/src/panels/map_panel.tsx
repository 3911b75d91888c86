// What stands on and around the map? The picture, its buttons, the legend, the names of those whose data it shows.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { mapState } from "../focus";
import { meta } from "../store";
import { Icon, IconButton } from "../ui";
import { words } from "../words";
import { Legend } from "./legend";
import { signal } from "@preact/signals";

type Module = typeof import("../map");
const code = signal<Module | null>(null);

export function MapPanel({ children }: { children?: ComponentChildren }) {
  const w = words.value;
  const box = useRef<HTMLDivElement>(null);
  const city = meta.value!.city!;

  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    import("../map").then(
      (m) => {
        if (gone || !box.current) return;
        code.value = m;
        stop = m.startMap(box.current, city, words.peek().map.label);
      },
      () => (mapState.value = "failed"),
    );
    return () => {
      gone = true;
      stop?.();
    };
  }, [city.bbox.join()]);

  const c = code.value?.controls;
  return (
    <div class="map-panel">
      <div ref={box} class="map" />
      {mapState.value === "failed" && <div class="map-note" role="alert"><Icon name="warn" /> {w.map.failed}</div>}
      {mapState.value === "no_base" && <div class="map-note"><Icon name="warn" /> {w.map.noBase}</div>}
      <div class="map-top">{children}</div>
      <div class="map-buttons" role="group" aria-label={w.nav.map}>
        <IconButton icon="plus" label={w.map.zoomIn} onClick={() => c?.zoomIn()} />
        <IconButton icon="minus" label={w.map.zoomOut} onClick={() => c?.zoomOut()} />
        <IconButton icon="home" label={w.map.home} onClick={() => c?.home(city.bbox)} />
      </div>
      <Legend />
      <p class="attribution">
        {city.attribution.join(" · ")}
        {city.approval_no && ` · ${w.app.approval} ${city.approval_no}`}
      </p>
    </div>
  );
}
