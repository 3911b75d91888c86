// Which spot should the map show now? A wish that panels write and the map reads, so that neither knows the other.
import { signal } from "@preact/signals";
import type { LonLat } from "./api";

export interface Wish { point: LonLat; zoom: number; pin: string | null; turn: number }

export const wish = signal<Wish | null>(null);
let turn = 0;

export function flyTo(point: LonLat, zoom: number, pin: string | null = null): void {
  wish.value = { point, zoom, pin, turn: ++turn };
}

/** Things pointed at in a list shine on the map, and the other way round. */
export const pointed = signal<string | null>(null);
