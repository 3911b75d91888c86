// Can this machine write Chinese? If not, the bundled slices of Noto Sans SC step in before anything is drawn.

/** Two different Han characters look the same only when both are drawn as the box for "no such glyph". */
export function lackHan(): boolean {
  const pixels = (text: string): string => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 24;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) return text;
    pen.font = "20px sans-serif";
    pen.fillText(text, 1, 20);
    return pen.getImageData(0, 0, 24, 24).data.join();
  };
  return pixels("治") === pixels("路");
}

/** The map draws glyphs on a canvas that cannot wait for a font, so all slices are there before the page starts. */
export async function loadHan(): Promise<void> {
  await import("@fontsource/noto-sans-sc/400.css");
  await Promise.allSettled([...document.fonts].map((face) => face.load()));
}
