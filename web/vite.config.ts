import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the page alone; this is where the API listens meanwhile.
const server = process.env.STUDIO_SERVER ?? "http://127.0.0.1:8787";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../src/openrouter_connector/faces/http/studio_bundle",
    emptyOutDir: true,
    // A data: URL would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // A script that could not be loaded is tried again, but the styles beside it would not be.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/api": server } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
