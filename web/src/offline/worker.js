// What does the phone need to open "my post" again without a connection? The page's own files of this very build, nothing else.
// No answer of the interface is ever kept here: the person's own posts lie in the page's storage and go when they sign out.
const NAME = "zhilu-__VERSION__";
const FILES = __FILES__;
const SLOW_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((kept) => kept.addAll(["/", ...FILES])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((n) => n.startsWith("zhilu-") && n !== NAME).map((n) => caches.delete(n)));
  event.waitUntil(caches.keys().then(drop).then(() => self.clients.claim()));
});

/** The page from the server; after some seconds, or without a connection, the kept one. */
async function opened(request) {
  const kept = () => caches.match("/", { cacheName: NAME });
  const slow = new Promise((done) => setTimeout(() => done(null), SLOW_MS));
  try {
    return (await Promise.race([fetch(request), slow])) ?? (await kept()) ?? (await fetch(request));
  } catch (why) {
    const page = await kept();
    if (page) return page;
    throw why;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/") event.respondWith(opened(request));
  else if (FILES.includes(url.pathname)) event.respondWith(caches.match(url.pathname, { cacheName: NAME }).then((kept) => kept ?? fetch(request)));
});
