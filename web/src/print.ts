// How does the map get onto paper? As a picture taken the moment before, since a drawing surface does not print.
import { pictureOf } from "./focus";

const ID = "print-map";

function place(): HTMLImageElement | null {
  const take = pictureOf.peek();
  const frame = document.querySelector(".map-panel");
  if (!take || !frame) return null;
  document.getElementById(ID)?.remove();
  const picture = document.createElement("img");
  picture.id = ID;
  picture.alt = "";
  picture.src = take();
  frame.prepend(picture);
  return picture;
}

export async function printPage(): Promise<void> {
  await place()?.decode().catch(() => undefined);
  window.print();
}

if (typeof window !== "undefined") {
  window.addEventListener("beforeprint", () => {
    if (!document.getElementById(ID)) place();
  });
  window.addEventListener("afterprint", () => document.getElementById(ID)?.remove());
}
