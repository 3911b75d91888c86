// Which layers can the map show, from the bottom to the top?
import { caseLayer } from "./cases";
import { hexLayer } from "./hex";
import type { MapLayer } from "./kind";
import { siteLayer } from "./sites";
import { ticketLayer } from "./tickets";
import { verdictLayer } from "./verdict";

export const MAP_LAYERS: readonly MapLayer[] = [hexLayer, verdictLayer, ticketLayer, siteLayer, caseLayer];
