// How does the phone page open again without a connection, and what is forgotten when the person signs out?
import type { Session } from "../api";

const SESSION = "zhilu.duty.session";
const OWN = "zhilu.duty.";

/** Keeps the page's files on this device, so that it opens without a connection. Needs https or this machine. */
export async function keepPage(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("/sw.js");
    return true;
  } catch {
    return false;
  }
}

/** As long as a session may live on the server: after that the page asks for the network. */
const LONGEST_MS = 7 * 86_400_000;

/** Who the page belongs to while there is no connection: name, role and rights, no more than the page shows. What another
 *  person left on this device goes, except signs that still wait to be sent. */
export function rememberSession(session: Session): void {
  const own = `.${session.user.name}`;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(OWN) && !key.endsWith(own) && !key.startsWith(`${OWN}waiting.`)) localStorage.removeItem(key);
    localStorage.setItem(SESSION, JSON.stringify({ session, at: Date.now() }));
  } catch {
    // Without storage the page works while it stays open.
  }
}

/** The person of the last visit, only asked when the server cannot be reached. */
export function recallSession(): Session | null {
  try {
    const kept = JSON.parse(localStorage.getItem(SESSION) ?? "null") as { session: Session; at: number } | null;
    return kept?.session?.user?.name && Date.now() - kept.at < LONGEST_MS ? kept.session : null;
  } catch {
    return null;
  }
}

/** How many signs of anybody still wait on this device. */
export function unsent(): number {
  let n = 0;
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i) ?? "";
      if (key.startsWith(`${OWN}waiting.`)) n += (JSON.parse(localStorage.getItem(key) ?? "[]") as unknown[]).length;
    }
  } catch {
    return 0;
  }
  return n;
}

/** Forgets everything the phone page kept: own posts, signs, the session, the page's files. */
export async function forget(): Promise<void> {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(OWN)) localStorage.removeItem(key);
    for (const name of await caches.keys()) if (name.startsWith("zhilu-")) await caches.delete(name);
    for (const r of await navigator.serviceWorker.getRegistrations()) await r.unregister();
  } catch {
    // A browser without these has nothing to forget.
  }
}
