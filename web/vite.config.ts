// How is the page built? Preact's JSX, hashed files under /assets, no inlined data, woff2 slices only.
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

export default defineConfig({
  base: "/",
  plugins: [woff2Only()],
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
