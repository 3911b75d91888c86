// Is something breaking out this week? The kept weekly alarms with how often chance would ring so, on a map, week by week, and one by one.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address, api, type AlarmBook, type WeeklyAlarm } from "../api";
import type { AlarmMap } from "../alarm_map";
import { pictureOf } from "../focus";
import { useLoad } from "../load";
import { finished } from "../jobs";
import { cityLine, explained, save } from "../picture";
import { go, view } from "../state";
import { dataVersion, job, may, meta, power, sentence, tell } from "../store";
import { ActButton, Icon, Panel } from "../ui";
import { decimal, lang, minute, number, words } from "../words";
import { hotWords } from "../words/hot";
import { Course, Weeks } from "../charts/weeks";

export function AlarmPage() {
  const w = words.value;
  const h = hotWords.value;
  const { state, again } = useLoad((stop) => {
    void dataVersion.value;
    void job.value?.id;
    return api.alarms(stop);
  });
  if (!may("sites")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  return (
    <div class="narrow alarm">
      <div class="page-head"><h1>{w.nav.alarm}</h1>{["edit", "approve", "sign"].includes(power("survey")) && <Compute again={again} />}</div>
      <p class="hint">{h.alarmLead}</p>
      <Panel state={state.value} again={again} empty={(b) => (b.runs.length ? null : <><h3>{job.value?.kind === "alarm" ? w.jobs.alarm : h.noRuns}</h3><p>{h.noRunsHint}</p></>)}>
        {(book) => <Book book={book} />}
      </Panel>
    </div>
  );
}

function Compute({ again }: { again: () => void }) {
  const h = hotWords.value;
  const run = (weeks: number, anew: boolean) => async () => {
    try {
      const { id } = await api.runAlarm(weeks, anew);
      const end = await finished(id);
      tell(end.message, end.state === "done" ? "good" : "bad");
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <div class="row no-print">
      <ActButton class="small" act={run(60, false)}>{h.nextWeeks}</ActButton>
      <ActButton class="small" act={run(26, true)}>{h.replay}</ActButton>
    </div>
  );
}

function Book({ book }: { book: AlarmBook }) {
  const h = hotWords.value;
  const map = useRef<AlarmMap | null>(null);
  const open = book.alarms.filter((a) => a.state !== "over");
  const over = book.alarms.filter((a) => a.state === "over");
  const last = book.runs[0]!;
  const picture = async () => {
    const source = map.current?.picture();
    if (!source) return;
    const title = cityLine(words.peek().nav.alarm);
    save(await explained(title, [`${h.weekEnd} ${last.day} · ${h.openAlarms} ${number(open.length)} · ${h.pastAlarms} ${number(over.length)}`], [{ source }]), `${title}.png`);
  };
  return (
    <>
      <p class="row alarm-facts">
        <span>{h.weekEnd} <b>{last.day}</b> · {h.computedAt(minute(last.at))}</span>
        {book.next && <span class="dim">{h.nextRun(book.next)}</span>}
        <span class="lens-export no-print">{words.value.filter.export} {(["xlsx", "csv", "geojson"] as const).map((f) => <a key={f} href={address.alarmExport(f)} download>{f.toUpperCase()}</a>)} <button type="button" class="link-button" onClick={() => void picture()}>PNG</button></span>
      </p>
      {meta.value?.city && <Where alarms={book.alarms} map={map} />}
      <section class="card">
        <h2>{h.openAlarms} <span class="count">{number(open.length)}</span></h2>
        {open.length ? <List alarms={open} least={book.rule.least_days} /> : <p class="dim">{h.allQuiet(last.day)}</p>}
      </section>
      <section class="card">
        <h2>{h.weeks}</h2>
        <Weeks runs={book.runs} least={book.rule.least_days} rare={rare} />
      </section>
      {over.length > 0 && <section class="card"><h2>{h.pastAlarms} <span class="count">{number(over.length)}</span></h2><List alarms={over} least={book.rule.least_days} /></section>}
    </>
  );
}

/** Name of the site it speaks of, or where it lies. */
const nameOf = (a: WeeklyAlarm): string => a.near?.[1] ?? `${a.finding.centre[1].toFixed(4)}, ${a.finding.centre[0].toFixed(4)}`;

function List({ alarms, least }: { alarms: WeeklyAlarm[]; least: number }) {
  const h = hotWords.value;
  return (
    <ul class="alarm-list">
      {alarms.map((a) => {
        const open = view.value.item === String(a.id);
        return (
          <li key={a.id}>
            <button type="button" class="alarm-row" aria-expanded={open} onClick={() => go({ item: open ? null : String(a.id) }, true)}>
              <b>{nameOf(a)}</b>
              <span class={`tag ${a.state === "open" ? "on" : ""}`}>{h.states[a.state]}</span>
              {a.told_now && <span class="tag warn">{h.toldNow}</span>}
              {a.strong && <span class="tag warn">{h.strong}</span>}
              <span>{h.seen} <b>{number(a.finding.observed)}</b> / {decimal(a.finding.expected)}</span>
              <span>{h.people} <b>{number(a.finding.callers)}</b></span>
              <span><b>{rare(a.finding.recurrence_days)}</b></span>
              <span class="dim">{a.window[0]} – {a.window[1]}</span>
            </button>
            {open && <Detail alarm={a} least={least} />}
          </li>
        );
      })}
    </ul>
  );
}

function Detail({ alarm: a, least }: { alarm: WeeklyAlarm; least: number }) {
  const h = hotWords.value;
  const w = words.value;
  const f = a.finding;
  const span = `from=${a.window[0]}&to=${a.window[1]}`;
  const { state } = useLoad((stop) => (may("tickets") ? api.tickets(`h3=${f.places.join(",")}&${span}`, null, stop, 8) : null));
  const there = `at=15.2,${f.centre.join(",")}&${span}`;
  return (
    <div class="alarm-detail">
      <p class="why">{h.said({ from: a.window[0], to: a.window[1], radius: number(f.radius_m), seen: number(f.observed), expected: decimal(f.expected), people: number(f.callers), rare: rare(f.recurrence_days) })}</p>
      <p class="dim">LLR {decimal(f.llr)} · p {f.p.toPrecision(2)}{f.p_gumbel !== null && ` · p(Gumbel) ${f.p_gumbel.toPrecision(2)}`} · {h.since} {a.first} · <a href={`#/map?${there}&tab=tickets`}>{h.onMap}</a></p>
      {a.course.length > 0 && <Course steps={a.course} least={least} rare={rare} />}
      <h3>{h.insideSites}</h3>
      {a.sites.length === 0 ? <p class="dim">{h.noSite}</p> : <ul class="neighbours">{a.sites.map((s) => <li key={s.id}><a href={`#/map?site=${s.id}&${span}`}>{s.name}</a><b>{w.unit.items(number(s.tickets))}</b></li>)}</ul>}
      {may("tickets") && (
        <>
          <h3>{h.insideTickets}</h3>
          <Panel state={state.value}>
            {(page) => (
              <>
                <ul class="neighbours">{page.tickets.map((t) => <li key={t.no}><a href={`#/map?${there}&ticket=${encodeURIComponent(t.no)}`}>{t.title || t.place_text || t.no}</a><span class="dim">{minute(t.received_at)}</span></li>)}</ul>
                {(page.meta.total ?? 0) > page.tickets.length && <p class="dim">{h.allTickets(number(page.meta.total ?? 0))}</p>}
              </>
            )}
          </Panel>
        </>
      )}
    </div>
  );
}

/** A recurrence interval in words. */
function rare(days: number): string {
  const h = hotWords.value;
  return days >= 365 ? h.everyYears(days >= 36500 ? ">100" : decimal(days / 365)) : h.everyDays(number(days));
}

function Where({ alarms, map }: { alarms: WeeklyAlarm[]; map: { current: AlarmMap | null } }) {
  const box = useRef<HTMLDivElement>(null);
  const started = useSignal(0);
  const city = meta.value!.city!;
  useEffect(() => {
    let gone = false;
    void import("../alarm_map").then((m) => {
      if (gone || !box.current) return;
      map.current = m.startAlarmMap(box.current, city, lang.peek(), (id) => go({ item: id }, true));
      pictureOf.value = () => map.current?.picture() ?? "";
      started.value++;
    }, () => undefined);
    return () => {
      gone = true;
      pictureOf.value = null;
      map.current?.stop();
      map.current = null;
    };
  }, [alarms.map((a) => `${a.id}${a.last}`).join(), lang.value]);
  const item = view.value.item;
  useEffect(() => {
    const chosen = alarms.find((a) => String(a.id) === item);
    map.current?.choose(chosen ? { id: chosen.id, centre: chosen.finding.centre } : null);
  }, [item, started.value]);
  const h = hotWords.value;
  return (
    <div class="map-panel alarm-map">
      <div ref={box} class="map" />
      <ul class="compare-key">
        <li><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill="#d55e00" stroke="#7f2704" /></svg> {h.openAlarms}</li>
        <li><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill="#fff" stroke="#5d6e78" stroke-dasharray="2 2" /></svg> {h.pastAlarms}</li>
      </ul>
      <p class="attribution">{city.attribution.join(" · ")}{city.approval_no && ` · ${words.value.app.approval} ${city.approval_no}`}</p>
    </div>
  );
}
