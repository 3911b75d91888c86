// Which spot should the map show now? A wish that panels write and the map reads, so that neither knows the other.
import { signal } from "@preact/signals";
import type { LonLat } from "./api";

export interface Wish { point: LonLat; zoom: number; pin: string | null; box: [number, number, number, number] | null; turn: number }

export const wish = signal<Wish | null>(null);
let turn = 0;

/** Moves to a point; `pin` names a mark to set there. */
export function flyTo(point: LonLat, zoom: number, pin: string | null = null): void {
  wish.value = { point, zoom, pin, box: null, turn: ++turn };
}

/** Moves to a box, or to a point where the box is not known. */
export function zoomTo(point: LonLat, zoom: number, box: [number, number, number, number] | null): void {
  wish.value = { point, zoom, pin: null, box, turn: ++turn };
}

/** A site pointed at in a list shines on the map. */
export const pointed = signal<string | null>(null);

/** Class breaks of the cells, as drawn; the legend reads them. */
export const breaks = signal<number[]>([]);
export const hiddenClasses = signal<ReadonlySet<number>>(new Set());
/** Classes of the lens that the reader hid. */
export const hiddenVerdicts = signal<ReadonlySet<string>>(new Set());
/** Cells in view per class, for the legend. */
export const cellsInClass = signal<number[]>([]);
/** `ok`, or what the map lacks. */
export const mapState = signal<"starting" | "ok" | "no_base" | "failed">("starting");
/** Zoom of the map as drawn; the size of the cells follows it. */
export const mapZoom = signal(10);
/** Gives a picture of the map as drawn now, for print. */
export const pictureOf = signal<(() => string) | null>(null);
export const calm = (): boolean => typeof matchMedia !== "undefined" && matchMedia("(prefers-reduced-motion: reduce)").matches;
