// How is the map kept in step with the view? It reads the signals, draws the layers, and writes back where the reader moved it.
import { computed, effect, untracked } from "@preact/signals";
import { Map as GlMap, Marker, ScaleControl, type LayerSpecification, type MapMouseEvent, type GeoJSONSource } from "maplibre-gl";
import { address, type City } from "./api";
import { cases } from "./api_cases";
import { BLANK, fetchStyle } from "./base_map";
import { breaks, calm, cellsInClass, hiddenClasses, hiddenVerdicts, mapState, mapZoom, pictureAsked, pictureOf, pointed, wish } from "./focus";
import { MAP_LAYERS } from "./layers";
import { classOf, hexLayer } from "./layers/hex";
import type { Look } from "./layers/kind";
import { filterQuery, go, lensQuery, lensQueryOf, view, type View } from "./state";
import { dataVersion } from "./store";
import { lang } from "./words";

/** Starts a map in `box`; gives back what stops it. */
export function startMap(box: HTMLElement, city: City, label: string): () => void {
  const at = view.peek();
  const whole = { bounds: city.bbox, fitBoundsOptions: { padding: besideLegend() } };
  const first = at.center && at.zoom !== null ? { center: at.center, zoom: at.zoom } : whole;
  const asks = new Asks();
  let map: GlMap;
  try {
    map = new GlMap({
      container: box, style: BLANK, ...first, minZoom: 5, maxZoom: 19, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      transformRequest: (url) => ({ url: asks.of(url) }), fadeDuration: calm() ? 0 : 150, locale: { "Map.Title": label }, cooperativeGestures: false,
    });
  } catch {
    mapState.value = "failed";
    return () => undefined;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 96 }), "bottom-right");
  map.on("error", (e) => {
    const source = (e as unknown as { sourceId?: string }).sourceId;
    if (!source || !MAP_LAYERS.some((l) => l.id === source)) mapState.value = mapState.peek() === "ok" ? "ok" : "no_base";
  });

  const tools = new Tools(map, city, asks);
  const place = computed(() => `${view.value.zoom},${view.value.center}`);
  const stops = [
    effect(() => tools.setBase(lang.value)),
    effect(() => tools.setTiles(filterQuery.value, lensQuery.value, dataVersion.value)),
    effect(() => tools.setLook({ metric: view.value.metric, classes: hiddenClasses.value.size ? breaks.value.length + 1 : 0, breaks: null, hidden: hiddenClasses.value, site: view.value.site, ticket: view.value.ticket, pointed: pointed.value, cells: shownLayers(view.value).some((l) => l === "hex" || l === "verdict"), lens: view.value.lens, hiddenVerdicts: hiddenVerdicts.value }, shownLayers(view.value))),
    effect(() => {
      const w = wish.value;
      if (w) untracked(() => tools.fulfil(w));
    }),
    effect(() => {
      void place.value;
      const { center, zoom } = view.peek();
      if (!center || zoom === null) return;
      const c = map.getCenter();
      if (Math.abs(c.lng - center[0]) > 2e-5 || Math.abs(c.lat - center[1]) > 2e-5 || Math.abs(map.getZoom() - zoom) > 0.02) map.jumpTo({ center, zoom });
    }),
  ];
  map.on("moveend", (e: { originalEvent?: unknown }) => {
    if (e.originalEvent || tools.moving) tools.noteView();
  });
  map.on("idle", () => {
    mapZoom.value = map.getZoom();
    tools.classify();
  });
  map.on("click", (e) => tools.click(e));
  map.on("mousemove", (e) => tools.hover(e));
  map.on("mouseout", () => tools.hover(null));
  const resize = new ResizeObserver(() => map.resize());
  resize.observe(box);
  current = map;
  pictureOf.value = () => {
    map.redraw();
    return map.getCanvas().toDataURL("image/png");
  };
  return () => {
    stops.forEach((stop) => stop());
    resize.disconnect();
    pictureOf.value = null;
    current = null;
    map.remove();
  };
}

/** The layers that are drawn: a lens takes the place of the plain cells. */
export function shownLayers(v: View): readonly string[] {
  if (!v.lens) return v.layers;
  // A change without its two periods asks nothing and shows nothing.
  if (!lensQueryOf(v)) return v.layers.filter((l) => l !== "hex");
  return ["verdict", ...v.layers.filter((l) => l !== "hex")];
}

let current: GlMap | null = null;

export const controls = {
  zoomIn: () => current?.zoomIn({ animate: !calm() }, { originalEvent: {} as never }),
  zoomOut: () => current?.zoomOut({ animate: !calm() }, { originalEvent: {} as never }),
  home: (bbox: [number, number, number, number]) => current?.fitBounds(bbox, { padding: besideLegend(), animate: !calm() }, { originalEvent: {} as never }),
};

class Tools {
  moving = false;
  private base = "";
  /** Our layers wait for the base style, so that no tile is asked for twice. */
  private based = false;
  /** Whether our layers stand on the style that is shown. */
  private dressed = false;
  private look: Look | null = null;
  private shown: readonly string[] = [];
  private classKey = "";
  /** Sources whose question changed while tiles were still on their way. */
  private readonly late = new Set<string>();
  private casesUrl = "";
  private pin: Marker | null = null;
  private readonly note = document.createElement("div");

  constructor(
    private readonly map: GlMap,
    private readonly city: City,
    private readonly asks: Asks,
  ) {
    // MapLibre lets a tile that is on its way come as it was asked for, then only lays it out anew: such a source is asked once more.
    map.on("sourcedata", (e) => {
      if (!e.sourceId || !this.late.has(e.sourceId) || !(e as { tile?: unknown }).tile || !map.isSourceLoaded(e.sourceId)) return;
      this.late.delete(e.sourceId);
      map.refreshTiles(e.sourceId);
    });
    map.on("style.load", () => this.dress());
    this.note.className = "map-tip";
    this.note.hidden = true;
    map.getContainer().append(this.note);
  }

  setBase(language: string): void {
    if (this.base === language) return;
    this.base = language;
    mapState.value = "starting";
    const wanted = language;
    void fetchStyle(language).then((style) => {
      if (this.base !== wanted) return;
      mapState.value = style ? "ok" : "no_base";
      this.based = true;
      this.dressed = false;
      this.map.setStyle(style ?? BLANK, { diff: false });
    });
  }

  setTiles(query: string, lens: string | null, version: number): void {
    this.promise(lens === null ? "hex" : "verdict");
    for (const layer of MAP_LAYERS) {
      // Without a lens its layer asks for nothing; it is put on the map with the first one.
      if (layer.geojson || (layer.id === "verdict" && lens === null)) continue;
      const changed = this.asks.set(layer.id, address.tileQuery(layer.id === "verdict" ? (lens ?? "") : query, version));
      if (!changed || !this.map.getSource(layer.id)) continue;
      if (!this.map.isSourceLoaded(layer.id)) this.late.add(layer.id);
      // The old tiles stay in sight until the new ones are there; those out of sight are dropped. Unlike a changed address of the
      // source this waits for no frame.
      this.map.refreshTiles(layer.id);
    }
    const url = cases.geojson(version);
    const whole = this.map.getSource("cases");
    if (whole && url !== this.casesUrl) void (whole as GeoJSONSource).setData(url);
    this.casesUrl = url;
    if (lens !== null && !this.map.getSource("verdict") && this.dressed) this.dress();
    this.askClasses();
  }

  /** Tells the panels to wait until the cells of the new question are there. */
  private promise(main: string): void {
    if (!this.map.getSource(main) || !this.shown.includes(main)) return;
    pictureAsked(new Promise((done) => {
      const heard = (e: { sourceId?: string; tile?: unknown }): void => {
        if (e.sourceId !== main || !e.tile || !this.map.isSourceLoaded(main)) return;
        this.map.off("sourcedata", heard as never);
        // Drawn, not only fetched: lists that are laid out in between would hold the frame up.
        this.map.once("render", () => done());
      };
      this.map.on("sourcedata", heard as never);
    }));
  }

  setLook(look: Look, shown: readonly string[]): void {
    if (this.look && shown.join() === this.shown.join() && told(look) === told(this.look)) return;
    this.look = look;
    this.shown = shown;
    this.paint();
    this.askClasses();
  }

  /** Puts our sources and layers on a freshly loaded style. */
  private dress(): void {
    if (!this.based) return;
    this.dressed = true;
    const names = this.map.getStyle().layers.find((l) => l.type === "symbol")?.id;
    for (const layer of MAP_LAYERS) {
      if (!(layer.geojson ? this.casesUrl : this.asks.has(layer.id)) || this.map.getSource(layer.id)) continue;
      const [w, s, e, n] = this.city.bbox;
      const wide = 0.5;
      if (layer.geojson) this.map.addSource(layer.id, { type: "geojson", data: this.casesUrl });
      else this.map.addSource(layer.id, { type: "vector", tiles: [address.tilePlace(layer.id)], minzoom: 0, maxzoom: layer.maxzoom, bounds: [w - wide, s - wide, e + wide, n + wide] });
      for (const style of layer.styles(this.look ?? NO_LOOK)) this.map.addLayer(style, layer.under || layer.beneath?.includes(style.id) ? names : undefined);
    }
    this.paint();
  }

  /** Brings paint, filter and visibility in step with the look, without touching what is the same. */
  private paint(): void {
    const { look, map } = this;
    if (!look) return;
    for (const layer of MAP_LAYERS) {
      if (!map.getSource(layer.id)) continue;
      for (const style of layer.styles(look)) this.restyle(style, this.shown.includes(layer.id));
    }
    this.classify();
  }

  private restyle(style: LayerSpecification, visible: boolean): void {
    const { map } = this;
    if (!map.getLayer(style.id)) return;
    // Setting what is set already would cost a frame.
    const seen = visible ? "visible" : "none";
    if ((map.getLayoutProperty(style.id, "visibility") ?? "visible") !== seen) map.setLayoutProperty(style.id, "visibility", seen);
    const from = ("minzoom" in style && style.minzoom) || 0;
    if ((map.getLayer(style.id)!.minzoom ?? 0) !== from) map.setLayerZoomRange(style.id, from, 24);
    for (const [key, value] of Object.entries(style.paint ?? {})) {
      if (JSON.stringify(map.getPaintProperty(style.id, key as never)) !== JSON.stringify(value)) map.setPaintProperty(style.id, key as never, value as never);
    }
    if ("filter" in style && JSON.stringify(map.getFilter(style.id)) !== JSON.stringify(style.filter)) map.setFilter(style.id, style.filter as never);
  }

  /** How many cells of each class are drawn, for the legend. */
  classify(): void {
    const { look, map } = this;
    if (!look || !this.shown.includes("hex") || !map.getSource("hex") || !map.isSourceLoaded("hex")) return;
    this.askClasses();
    const seen = new Map<string, number>();
    for (const f of map.querySourceFeatures("hex", { sourceLayer: "hex" })) {
      const n = Number(f.properties[look.metric]);
      if (Number.isFinite(n)) seen.set(String(f.properties.h3 ?? f.id), n);
    }
    const tally = Array.from({ length: breaks.peek().length + 1 }, () => 0);
    for (const n of seen.values()) tally[classOf(n, breaks.peek())]!++;
    if (tally.join() !== cellsInClass.peek().join()) cellsInClass.value = tally;
  }

  /**
   * The classes are the server's: of all cells of the filter at this size, the same for tiles, legend and downloads. They are asked
   * for together with the tiles, whose cells carry their colour, and hold still while panning.
   */
  private askClasses(): void {
    const query = this.asks.get("hex");
    if (!this.look || query === undefined || !this.shown.includes("hex")) return;
    const { metric } = this.look;
    const zoom = Math.min(hexLayer.maxzoom, Math.floor(this.map.getZoom()));
    const key = `${query}|${metric}|${zoom}`;
    if (key === this.classKey) return;
    this.classKey = key;
    void address.classes(zoom, query).catch(() => null).then((told) => {
      if (key !== this.classKey) return;
      if (!told) {
        this.classKey = "";
        return;
      }
      const fresh = told[metric];
      const before = breaks.peek();
      if (fresh.join() !== before.join()) {
        // Other classes than those that were hidden; a link's own stay.
        if (before.length && hiddenClasses.peek().size) go({ hide: view.peek().hide.filter((c) => hiddenVerdicts.peek().has(c)) }, true);
        breaks.value = fresh;
      }
      this.classify();
    });
  }

  noteView(): void {
    this.moving = false;
    const c = this.map.getCenter();
    go({ center: [Number(c.lng.toFixed(5)), Number(c.lat.toFixed(5))], zoom: Number(this.map.getZoom().toFixed(2)) }, true);
  }

  fulfil(w: NonNullable<typeof wish.value>): void {
    this.pin?.remove();
    this.pin = w.pin ? new Marker({ color: "#a3271d" }).setLngLat(w.point).addTo(this.map) : null;
    this.moving = true;
    const animate = !calm();
    if (w.box) this.map.fitBounds(w.box, { padding: 60, maxZoom: 16.5, animate });
    else if (animate) this.map.flyTo({ center: w.point, zoom: Math.max(w.zoom, this.map.getZoom() > 18 ? w.zoom : 0), speed: 1.8, maxDuration: 1800 });
    else this.map.jumpTo({ center: w.point, zoom: w.zoom });
  }

  targetAt(e: MapMouseEvent) {
    const layers = [...MAP_LAYERS].reverse().filter((l) => this.shown.includes(l.id));
    for (const layer of layers) {
      const ids = layer.targets.filter((id) => this.map.getLayer(id));
      const reach = layer.id === "hex" || (layer.id === "verdict" && view.peek().lens !== "network") ? 0 : 4;
      const { x, y } = e.point;
      const feature = ids.length ? this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ids })[0] : undefined;
      if (feature) return { layer, feature };
    }
    return null;
  }

  hover(e: MapMouseEvent | null): void {
    const hit = e && this.targetAt(e);
    this.map.getCanvas().style.cursor = hit ? "pointer" : "";
    this.note.hidden = !hit;
    if (!hit || !e) return;
    this.note.textContent = hit.layer.tip(hit.feature);
    const left = Math.min(e.point.x + 14, this.map.getContainer().clientWidth - this.note.offsetWidth - 6);
    this.note.style.transform = `translate(${Math.round(left)}px, ${Math.round(e.point.y + 16)}px)`;
  }

  click(e: MapMouseEvent): void {
    const hit = this.targetAt(e);
    hit?.layer.click(hit.feature, { zoom: this.map.getZoom(), lngLat: [e.lngLat.lng, e.lngLat.lat] });
  }
}

/** What each source asks for: the address of a source stays, its question is put in when a tile is fetched. */
class Asks {
  private readonly asked = new Map<string, string>();

  has = (id: string): boolean => this.asked.has(id);
  get = (id: string): string | undefined => this.asked.get(id);

  /** Whether the question is another one now. */
  set(id: string, query: string): boolean {
    const changed = this.asked.get(id) !== query;
    this.asked.set(id, query);
    return changed;
  }

  of(url: string): string {
    const query = this.asked.get(/\/tiles\/(\w+)\/\d/.exec(url)?.[1] ?? "");
    return query === undefined ? url : `${url}?${query}`;
  }
}

/** A look as text, sets included. */
const told = (look: Look): string => JSON.stringify(look, (_, v: unknown) => (v instanceof Set ? [...v] : v));

const NO_LOOK: Look = { metric: "count", classes: 0, breaks: null, hidden: new Set(), site: null, ticket: null, pointed: null, cells: true, lens: null, hiddenVerdicts: new Set() };

/** Room around the whole city: the open legend stands in the south-west and must not cover it. */
function besideLegend(): { top: number; right: number; bottom: number; left: number } {
  const card = document.querySelector(".legend.open")?.getBoundingClientRect();
  const room = document.querySelector(".map")?.getBoundingClientRect();
  const left = card && room && card.width < room.width / 2 ? card.width + 24 : 24;
  return { top: 24, right: 24, bottom: 24, left };
}
