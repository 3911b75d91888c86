// What frames every page? The bar with city, pages, search and person, the banner, and what is said aloud.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { go, page, type Page } from "./state";
import { job, may, meta, note, session, signOut, spoken } from "./store";
import { Icon, IconButton, Mark } from "./ui";
import { lang, number, remember, roleName, words } from "./words";
import { SearchBox } from "./panels/search";

export function LanguageSwitch() {
  const flip = () => {
    const to = lang.value === "zh" ? "en" : "zh";
    remember(to);
    go({ lang: null }, true);
  };
  return (
    <button type="button" class="text-button" lang={lang.value === "zh" ? "en" : "zh-CN"} onClick={flip}>
      {words.value.app.language}
    </button>
  );
}

/** The pages this person's role can use; the server refuses the others anyway. */
export function pagesOf(): Page[] {
  const pages: Page[] = [];
  if (may("tickets") || may("sites")) pages.push("map");
  if (may("tickets")) pages.push("compare");
  if (may("sites")) pages.push("alarm");
  if (may("tickets")) pages.push("methods");
  if (may("sites") && session.value?.rights.sites?.scope === "all") pages.push("cases", "plan");
  if (may("import")) pages.push("import");
  if (may("review")) pages.push("review");
  if (may("sites") && session.value?.user.role !== "public") pages.push("duty", "schools", "my");
  if (may("settings")) pages.push("users");
  if (may("audit")) pages.push("audit");
  return pages.length ? pages : ["map"];
}

export function Shell({ children }: { children: ComponentChildren }) {
  const w = words.value;
  const open = useSignal(false);
  const city = meta.value?.city;
  const here = location.hash || session.value?.user.must_change ? page.value : pagesOf()[0]!;
  useEffect(() => {
    document.title = `${w.nav[here]} · ${city ? (lang.value === "zh" ? city.name : city.name_en || city.name) : w.app.name} · ${w.app.name}`;
    open.value = false;
  }, [here, city, lang.value]);
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>{w.app.skip}</a>
      <header class="bar">
        <a class="brand" href={`#/${pagesOf()[0]}`}>
          <Mark />
          <span class="brand-name">{w.app.name}</span>
          {city && <span class="brand-city">{lang.value === "zh" ? city.name : city.name_en || city.name}</span>}
        </a>
        <nav class={`pages ${open.value ? "open" : ""}`} aria-label={w.app.menu}>
          {pagesOf().map((p) => (
            <a key={p} href={`#/${p}`} aria-current={here === p ? "page" : undefined}>
              {w.nav[p]}
              {p === "review" && (meta.value?.counts.review ?? 0) > 0 && <span class="count">{number(meta.value!.counts.review)}</span>}
            </a>
          ))}
        </nav>
        {meta.value && may("tickets") && <SearchBox />}
        <div class="bar-end">
          <LanguageSwitch />
          <Person />
          <IconButton icon="menu" class="menu-button" label={w.app.menu} pressed={open.value} onClick={() => (open.value = !open.value)} />
        </div>
      </header>
      {city?.simulated && <p class="banner"><Icon name="warn" /> {w.app.simulated}</p>}
      {session.value?.secure === false && !/^(localhost|127\.|\[::1\])/.test(location.hostname) && <p class="banner"><Icon name="warn" /> {w.app.insecure}</p>}
      <Work />
      <main id="main" tabIndex={-1} class={`page page-${here}`}>{children}</main>
      <Notes />
    </>
  );
}

/** What the program works on in the background, wherever one is. */
function Work() {
  const now = job.value;
  if (!now) return null;
  const name = words.value.jobs[now.kind] ?? now.kind;
  // A solver counts thousandths of its way, which say nothing as a number.
  const counted = now.total > 0 && !now.stage.startsWith("solving");
  return (
    <div class="work-line">
      <span>{name} {counted ? `${number(now.done)} / ${number(now.total)}` : ""}</span>
      <progress aria-label={name} {...(now.total ? { max: now.total, value: now.done } : {})} />
    </div>
  );
}

function Person() {
  const w = words.value;
  const user = session.value?.user;
  if (!user) return null;
  return (
    <details class="person" onKeyDown={(e) => { if (e.key === "Escape") e.currentTarget.open = false; }}>
      <summary aria-label={`${w.app.account}: ${user.title || user.name}`}>
        <Icon name="user" />
        <span class="person-role">{roleName(user.role)}</span>
      </summary>
      <div class="person-menu">
        <p><b>{user.title || user.name}</b><br /><span class="dim">{roleName(user.role)}{user.unit ? ` · ${user.unit}` : ""}</span></p>
        <a href="#/account">{w.nav.account}</a>
        <button type="button" onClick={() => void signOut()}>{w.app.logout}</button>
      </div>
    </details>
  );
}

export function Notes() {
  return (
    <>
      <div class="sr-only" role="status" aria-live="polite">{spoken}</div>
      {note.value && (
        <div class={`note ${note.value.kind}`} role={note.value.kind === "bad" ? "alert" : undefined}>
          <span>{note.value.text}</span>
          <IconButton icon="close" label={words.value.app.close} onClick={() => (note.value = null)} />
        </div>
      )}
    </>
  );
}
