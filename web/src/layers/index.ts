// Which layers can the map show, from the bottom to the top?
import { hexLayer } from "./hex";
import type { MapLayer } from "./kind";
import { siteLayer } from "./sites";
import { ticketLayer } from "./tickets";

export const MAP_LAYERS: readonly MapLayer[] = [hexLayer, ticketLayer, siteLayer];
