// Which spot should the map show now? A wish that panels write and the map reads, so that neither knows the other.
import { computed, signal } from "@preact/signals";
import type { LonLat } from "./api";
import { go, view } from "./state";

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

let picture: Promise<unknown> = Promise.resolve();

/** The map says that it asked for another picture, and when it has it. */
export function pictureAsked(done: Promise<void>): void {
  picture = Promise.race([done, new Promise((late) => setTimeout(late, 400))]);
}

/** Lists and figures ask once the new picture is there: a browser opens six connections, and the map needs them first. */
export async function afterPicture<T>(ask: () => Promise<T>): Promise<T> {
  // The map hears of the change in the same turn.
  await Promise.resolve();
  await picture;
  return ask();
}

/** A site pointed at in a list shines on the map. */
export const pointed = signal<string | null>(null);

/** Class breaks of the cells, as drawn; the legend reads them. */
export const breaks = signal<number[]>([]);
const OF_CELLS = /^c(\d)$/;
export const hiddenClasses = computed<ReadonlySet<number>>(() => new Set(view.value.hide.flatMap((c) => (OF_CELLS.test(c) ? [Number(c.slice(1))] : []))));
/** Classes of the lens that the reader hid. */
export const hiddenVerdicts = computed<ReadonlySet<string>>(() => new Set(view.value.hide.filter((c) => !OF_CELLS.test(c))));
/** Hides a class or shows it again; the address keeps it. */
export const hideOrShow = (name: string): void => go({ hide: view.peek().hide.includes(name) ? view.peek().hide.filter((c) => c !== name) : [...view.peek().hide, name] }, true);
/** Cells in view per class, for the legend. */
export const cellsInClass = signal<number[]>([]);
/** `ok`, or what the map lacks. */
export const mapState = signal<"starting" | "ok" | "no_base" | "failed">("starting");
/** Zoom of the map as drawn; the size of the cells follows it. */
export const mapZoom = signal(10);
/** Gives a picture of the map as drawn now, for print. */
export const pictureOf = signal<(() => string) | null>(null);
export const calm = (): boolean => typeof matchMedia !== "undefined" && matchMedia("(prefers-reduced-motion: reduce)").matches;
