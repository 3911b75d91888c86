// Under which key may a write be sent again without being done twice? Also where the page is served without https, on which
// `crypto.randomUUID` does not exist.
export const writeKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
