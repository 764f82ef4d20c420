import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Django serves the built files; hashed names come from manifest.json through django-vite.
  base: "/static/build/",
  publicDir: false,
  plugins: [react()],
  resolve: {
    alias: { "@labels": here("../annotation/labels") },
  },
  server: {
    fs: { allow: [here("..")] },
    proxy: { "/api": "http://127.0.0.1:8000", "/media": "http://127.0.0.1:8000" },
  },
  worker: { format: "es" },
  build: {
    outDir: here("static/build"),
    emptyOutDir: true,
    manifest: "manifest.json",
    sourcemap: true,
    target: "es2022",
    rolldownOptions: {
      // htmx ships one eval behind its own allowEval switch.
      checks: { eval: false },
      input: {
        main: here("timeline/src/main.ts"),
        pages: here("timeline/src/pages.ts"),
        plots: here("plots/src/main.ts"),
      },
    },
  },
  test: {
    include: ["timeline/test/**/*.test.ts", "plots/test/**/*.test.ts"],
    environment: "node",
  },
});
