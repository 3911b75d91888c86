// Do the tiles say to another decoder than ours what the lists say? The reader is the one inside the map library.
import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import type { APIRequestContext } from "@playwright/test";
import { enter, expect, test } from "../desk";

/** A tile read by the other decoder; null where there is none. */
async function read(request: APIRequestContext, path: string): Promise<VectorTile | null> {
  const answer = await request.get(path);
  expect([200, 204], path).toContain(answer.status());
  return answer.status() === 204 ? null : new VectorTile(new PbfReader(await answer.body()));
}

const features = (tile: VectorTile | null, layer: string): VectorTileFeature[] => {
  const found = tile?.layers[layer];
  return found ? Array.from({ length: found.length }, (_, i) => found.feature(i)) : [];
};

/** Column and row of a point at a zoom. */
function tileOf([lon, lat]: [number, number], z: number): [number, number] {
  const n = 2 ** z;
  const s = Math.sin((lat * Math.PI) / 180);
  return [Math.floor(((lon + 180) / 360) * n), Math.floor((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n)];
}

test("clusters of the whole world add up to what is mapped, at every small zoom", async ({ page }) => {
  await enter(page, "planner");
  const counts = await (await page.request.get("/api/v1/counts?by=channel")).json();
  for (const z of [0, 3, 6, 9]) {
    const city = (await (await page.request.get("/tiles/tickets.json")).json()).bounds as [number, number, number, number];
    const [west, north] = tileOf([city[0] - 0.3, city[3] + 0.3], z);
    const [east, south] = tileOf([city[2] + 0.3, city[1] - 0.3], z);
    let total = 0;
    for (let x = west; x <= east; x++) {
      for (let y = north; y <= south; y++) {
        const tile = await read(page.request, `/tiles/tickets/${z}/${x}/${y}.mvt`);
        for (const f of [...features(tile, "clusters"), ...features(tile, "tickets")]) {
          expect(f.type).toBe(1);
          total += Number(f.properties.point_count ?? 1);
        }
      }
    }
    expect(total, `zoom ${z}`).toBe(counts.mapped);
  }
});

test("every ticket of a deep tile lies where the list says, to a metre, and carries its number", async ({ page }) => {
  await enter(page, "planner");
  const list = await (await page.request.get("/api/v1/tickets?limit=200&precision=intersection")).json();
  const tickets = list.tickets.filter((t: { point: unknown }) => t.point) as { no: string; point: [number, number] }[];
  expect(tickets.length).toBeGreaterThan(20);
  let found = 0;
  for (const t of tickets.slice(0, 25)) {
    const z = 17;
    const [x, y] = tileOf(t.point, z);
    const tile = await read(page.request, `/tiles/tickets/${z}/${x}/${y}.mvt`);
    const own = features(tile, "tickets").find((f) => f.properties.no === t.no);
    if (!own) continue;
    const at = (own.toGeoJSON(x, y, z).geometry as unknown as { coordinates: [number, number] }).coordinates;
    const metres = Math.hypot((at[0] - t.point[0]) * 111_195 * Math.cos((t.point[1] * Math.PI) / 180), (at[1] - t.point[1]) * 111_195);
    expect(metres, t.no).toBeLessThan(1);
    found++;
  }
  expect(found).toBeGreaterThan(20);
});

test("cells, sites and the base map are polygons, points and lines with rings that close and turn the right way", async ({ page }) => {
  await enter(page, "deputy_leader");
  const city = (await (await page.request.get("/tiles/hex.json")).json()).bounds as [number, number, number, number];
  const [x, y] = tileOf([(city[0] + city[2]) / 2, (city[1] + city[3]) / 2], 12);
  const cells = features(await read(page.request, `/tiles/hex/12/${x}/${y}.mvt`), "hex");
  expect(cells.length).toBeGreaterThan(3);
  const area = (ring: { x: number; y: number }[]) => ring.reduce((a, p, i) => a + p.x * ring[(i + 1) % ring.length]!.y - ring[(i + 1) % ring.length]!.x * p.y, 0) / 2;
  for (const cell of cells) {
    expect(cell.type).toBe(3);
    expect(Number(cell.properties.count)).toBeGreaterThan(0);
    for (const ring of cell.loadGeometry()) {
      expect(ring[0]).toMatchObject({ x: ring.at(-1)!.x, y: ring.at(-1)!.y });
      expect(area(ring), "an outer ring runs clockwise on the screen").toBeGreaterThan(0);
    }
  }
  const sites = features(await read(page.request, `/tiles/sites/12/${x}/${y}.mvt`), "sites");
  expect(sites.length).toBeGreaterThan(0);
  for (const site of sites) expect([site.type, typeof site.properties.name, typeof site.properties.rank]).toEqual([1, "string", "number"]);
  const base = await read(page.request, `/tiles/base/12/${x}/${y}.mvt`);
  const all = Object.keys(base!.layers).flatMap((layer) => features(base, layer));
  expect(all.length).toBeGreaterThan(50);
  for (const f of all) {
    const parts = f.loadGeometry();
    expect(parts.length).toBeGreaterThan(0);
    if (f.type === 3) for (const ring of parts) expect(Math.abs(area(ring))).toBeGreaterThan(0);
  }
});
