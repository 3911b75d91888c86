// What is a map layer? One file gives its tiles, its looks and what a click on it means.
import type { LayerSpecification, MapGeoJSONFeature } from "maplibre-gl";
import type { LayerId, LensId } from "../state";

/** What the looks of a layer depend on besides the tiles. */
export interface Look {
  metric: "count" | "petitioners";
  /** How many classes the cells have; told only where some are hidden, so that other classes alone restyle nothing. */
  classes: number;
  /** Bounds of the classes where they are not those of the tiles: two periods side by side. */
  breaks: number[] | null;
  hidden: ReadonlySet<number>;
  site: string | null;
  ticket: string | null;
  pointed: string | null;
  /** What the cells are coloured by; classes hidden by the reader. */
  lens: LensId | null;
  hiddenVerdicts: ReadonlySet<string>;
  /** Cells are shown too: they say how dense it is, so clusters need not. */
  cells: boolean;
}

export interface MapLayer {
  id: LayerId | "verdict";
  /** A small layer that comes whole as GeoJSON instead of tiles. */
  geojson?: boolean;
  /** Deepest zoom that has tiles of its own; beyond it the tile is drawn larger. */
  maxzoom: number;
  /** Whether the layer lies under the names of the base map. */
  under: boolean;
  /** Style layers that lie under the names although the layer lies above them. */
  beneath?: string[];
  styles(look: Look): LayerSpecification[];
  /** Style layers that answer a click, topmost first. */
  targets: string[];
  /** What is said beside the pointer; the same can be had by a click or from the lists. */
  tip(feature: MapGeoJSONFeature): string;
  click(feature: MapGeoJSONFeature, at: { zoom: number; lngLat: [number, number] }): void;
}

/** Fonts of the system; the map draws all text from them, no font file is asked for. */
export const FONT = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "Noto Sans SC", "sans-serif"];
