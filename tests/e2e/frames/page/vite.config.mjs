import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  base: "/",
  publicDir: false,
  logLevel: "warn",
  resolve: {
    alias: {
      "@decode": here("../../../../frontend/timeline/src/decode"),
      "@decode-page": here("."),
      "@clock": here("../../../../frontend/timeline/src/clock"),
      mediabunny: here("../../../../frontend/node_modules/mediabunny"),
    },
  },
  worker: { format: "es" },
  build: { target: "es2022", emptyOutDir: true, modulePreload: false },
};
