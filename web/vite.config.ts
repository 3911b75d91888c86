// How is the page built? Preact's JSX, hashed files under /assets, no inlined data, woff2 slices only.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** Drops the older woff copies that the font package names beside each woff2 slice. */
function woff2Only(): Plugin {
  return {
    name: "zhilu-woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@fontsource") || !id.includes(".css")) return null;
      return code.replace(/,\s*url\([^)]*\.woff\)\s*format\(['"]woff['"]\)/g, "");
    },
  };
}

/** Writes `/sw.js` with the files that "my post" needs, named by a mark of their names: another build, another worker. */
function offlineWorker(): Plugin {
  return {
    name: "zhilu-offline-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const wanted = new Set<string>();
      const take = (file: string) => {
        const chunk = bundle[file];
        if (!chunk || wanted.has(file)) return;
        wanted.add(file);
        if (chunk.type !== "chunk") return;
        chunk.imports.forEach(take);
        const css = (chunk as { viteMetadata?: { importedCss?: Set<string> } }).viteMetadata?.importedCss;
        css?.forEach((f) => wanted.add(f));
      };
      for (const [file, chunk] of Object.entries(bundle)) {
        if (chunk.type === "chunk" && (chunk.isEntry || chunk.facadeModuleId?.endsWith("/pages/my.tsx"))) take(file);
        if (chunk.type === "asset" && /^assets\/index-.*\.css$/.test(file)) wanted.add(file);
      }
      const files = [...wanted].sort().map((f) => `/${f}`);
      const template = readFileSync(new URL("./src/offline/worker.js", import.meta.url), "utf8");
      const version = createHash("sha256").update(template).update(files.join()).digest("hex").slice(0, 12);
      const source = template.replace("__VERSION__", version).replace("__FILES__", JSON.stringify(["/favicon.svg", ...files]));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

export default defineConfig({
  base: "/",
  plugins: [woff2Only(), offlineWorker()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    // What every page needs comes in one file: each small shared file would be one more request of the first view.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "frame", test: /node_modules\/(@?preact)|src\/(?:(?:api|focus|load|state|store|time|ui)\.|words\/(?:index|zh|en)\.)/ }] } } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8099", "/tiles": "http://127.0.0.1:8099", "/styles": "http://127.0.0.1:8099" } },
});
