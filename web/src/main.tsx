import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./design/font.css";
import { ServerGone } from "./api/client";
import { App } from "./app/App";
import { Broken } from "./app/Broken";
import { applyTheme, useView } from "./app/view";
import "./design/tokens.css";
import "./design/base.css";
import "./design/controls.css";

// Radix adds one style for each dialog and menu; the page's policy lets it, by the server's nonce.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ =
  document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

const queries = new QueryClient({
  defaultOptions: {
    // What the server refuses stays refused; a server that is gone may come back.
    queries: { retry: (count, error) => error instanceof ServerGone && count < 3, refetchOnWindowFocus: false },
  },
});

applyTheme(useView.getState().theme);

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Broken>
        <QueryClientProvider client={queries}>
          <Tooltip.Provider delayDuration={500}>
            <App />
          </Tooltip.Provider>
        </QueryClientProvider>
      </Broken>
    </StrictMode>,
  );
