// How is a plan drawn on the city's map, kept in step with what the reader tries, and put on paper as a picture?
import { Map as GlMap, type GeoJSONSource } from "maplibre-gl";
import type { City } from "./api";
import { BLANK, fetchStyle } from "./base_map";
import { calm } from "./focus";
import { planFeatures, planLayer, type PlanSpot } from "./layers/plan";

export interface PlanMap { show(spots: PlanSpot[]): void; picture(): string; stop(): void }

export function startPlanMap(box: HTMLElement, given: { city: City; language: string; label: string }, on: { pick(id: string): void; tip(text: string | null, x: number, y: number): void }): PlanMap {
  // Kept, so that the sheet prints the picture.
  const map = new GlMap({ container: box, style: BLANK, bounds: given.city.bbox, fitBoundsOptions: { padding: 16 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 18, fadeDuration: 0, cooperativeGestures: false, locale: { "Map.Title": given.label }, canvasContextAttributes: { preserveDrawingBuffer: true } });
  map.touchZoomRotate.disableRotation();
  map.scrollZoom.disable();
  let spots: PlanSpot[] = [];
  let fitted = false;
  let based = false;
  const put = () => {
    if (!based) return;
    const source = map.getSource(planLayer.id) as GeoJSONSource | undefined;
    if (source) source.setData(planFeatures(spots));
    else {
      map.addSource(planLayer.id, { type: "geojson", data: planFeatures(spots) });
      for (const style of planLayer.styles()) map.addLayer(style);
    }
    if (fitted || !spots.length) return;
    fitted = true;
    const [x, y] = [spots.map((s) => s.point[0]), spots.map((s) => s.point[1])];
    map.fitBounds([Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)], { padding: 40, maxZoom: 16, animate: !calm() && false });
  };
  void fetchStyle(given.language).then((style) => {
    map.once("style.load", () => {
      based = true;
      put();
    });
    map.setStyle(style ?? BLANK, { diff: false });
  });
  for (const id of planLayer.targets) {
    map.on("click", id, (e) => {
      const hit = e.features?.[0]?.properties.id;
      if (hit !== undefined) on.pick(String(hit));
    });
    map.on("mousemove", id, (e) => {
      map.getCanvas().style.cursor = "pointer";
      on.tip(String(e.features?.[0]?.properties.title ?? ""), e.point.x, e.point.y);
    });
    map.on("mouseleave", id, () => {
      map.getCanvas().style.cursor = "";
      on.tip(null, 0, 0);
    });
  }
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);
  return {
    show(next) {
      spots = next;
      put();
    },
    picture: () => map.getCanvas().toDataURL("image/png"),
    stop() {
      resize.disconnect();
      map.remove();
    },
  };
}
