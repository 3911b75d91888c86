// At which hours of which days is it reported? A table of 7 × 24 whose cells are also readable as figures.
import { number, words } from "../words";

/** Class 0–5 of a cell: nothing, then five steps up to the largest. */
export function heatClass(n: number, top: number): number {
  return n <= 0 ? 0 : Math.min(5, 1 + Math.floor((n / (top + 1e-9)) * 5));
}

const quarter = (h: number): boolean => h % 6 === 0;

/** Hours to mark: school bells and the hours that stand out. */
export interface Marks { bells: ReadonlySet<number>; peak: ReadonlySet<number> }

export function HeatTable({ profile, marks }: { profile: number[][]; marks?: Marks }) {
  const w = words.value;
  const top = Math.max(0, ...profile.flat());
  const peak = top > 0 ? find(profile, top) : null;
  return (
    <figure class="heat">
      <table aria-label={w.site.profileLead}>
        <thead>
          <tr>
            <td />
            {Array.from({ length: 24 }, (_, h) => <th key={h} scope="col" class={`${quarter(h) ? "" : "quiet"} ${marks?.bells.has(h) ? "bell" : ""} ${marks?.peak.has(h) ? "peak" : ""}`} title={[marks?.bells.has(h) ? w.hot.bellMark : "", marks?.peak.has(h) ? w.hot.peakMark : ""].filter(Boolean).join(" · ") || undefined}><span class={quarter(h) ? "" : "sr-only"}>{h}</span></th>)}
          </tr>
        </thead>
        <tbody>
          {profile.map((hours, d) => (
            <tr key={d}>
              <th scope="row">{w.days[d]}</th>
              {hours.map((n, h) => <td key={h} class={`h${heatClass(n, top)}`} title={`${w.days[d]} ${h}:00 · ${n}`}><span>{n}</span></td>)}
            </tr>
          ))}
        </tbody>
      </table>
      <figcaption>
        {w.site.profileLead}
        {peak && <b>{w.site.peak(w.days[peak[0]]!, peak[1], top)}</b>}
        {marks && (marks.bells.size > 0 || marks.peak.size > 0) && <span class="heat-marks">{marks.bells.size > 0 && <i class="bell">{w.hot.bellMark}</i>}{marks.peak.size > 0 && <i class="peak">{w.hot.peakMark}</i>}</span>}
        <span class="heat-key" aria-hidden="true">0 <i class="h0" /><i class="h1" /><i class="h2" /><i class="h3" /><i class="h4" /><i class="h5" /> {number(top)}</span>
      </figcaption>
    </figure>
  );
}

function find(profile: number[][], top: number): [number, number] {
  const d = profile.findIndex((hours) => hours.includes(top));
  return [d, profile[d]!.indexOf(top)];
}
