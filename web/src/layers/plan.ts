// Where do the works of a plan stand? A numbered mark for each, coloured by what a change of money or another plan does to it; a
// hollow one for a control.
import type { LayerSpecification } from "maplibre-gl";
import { FONT } from "./kind";

export type Role = "chosen" | "control" | "new" | "gone" | "here" | "there";
export interface PlanSpot { id: string; point: [number, number]; label: string; title: string; role: Role }

export const ROLE_COLOURS: Record<Role, string> = { chosen: "#12303b", control: "#ffffff", new: "#00705a", gone: "#a7b2b8", here: "#b3420a", there: "#5b2a86" };

export const planFeatures = (spots: PlanSpot[]) => ({
  type: "FeatureCollection" as const,
  features: spots.map((s) => ({ type: "Feature" as const, properties: { id: s.id, label: s.label, title: s.title, role: s.role }, geometry: { type: "Point" as const, coordinates: s.point } })),
});

const role = ["get", "role"] as never;
const hollow = ["==", role, "control"] as never;

export const planLayer = {
  id: "plan",
  targets: ["plan-dot"],
  styles(): LayerSpecification[] {
    return [
      {
        id: "plan-dot", type: "circle", source: "plan",
        layout: { "circle-sort-key": ["match", role, "gone", 0, "control", 1, 2] as never },
        paint: { "circle-radius": ["case", hollow, 7, 12] as never, "circle-color": ["match", role, ...Object.entries(ROLE_COLOURS).flat(), "#12303b"] as never, "circle-stroke-color": ["case", hollow, "#12303b", "#ffffff"] as never, "circle-stroke-width": 2 },
      },
      {
        id: "plan-no", type: "symbol", source: "plan",
        layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12, "text-allow-overlap": true, "text-ignore-placement": true },
        paint: { "text-color": ["match", role, "gone", "#12303b", "#ffffff"] as never },
      },
    ];
  },
};
