/** The frame of every page: where one can go, how the guard is, and the page that was asked for. */
import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useKeys } from "./keys.ts";
import { NowPage } from "./pages/now.tsx";
import { ConnectionBanner } from "./parts/connection-banner.tsx";
import { HelpDialog } from "./parts/help-dialog.tsx";
import { LoginPage } from "./parts/login-page.tsx";
import { Navigation } from "./parts/navigation.tsx";
import { Toasts } from "./parts/toasts.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import { route } from "./router.ts";
import type { Route } from "./routes.ts";
import { session } from "./session-state.ts";
import { useCell } from "./use-cell.ts";

const TITLES: Readonly<Record<Route["page"], string>> = {
  now: "Now",
  campaigns: "Campaigns",
  bans: "Bans",
  sources: "Sources",
  ports: "Ports",
  health: "Health",
  source: "Story",
};

export function App() {
  const access = useCell(session);
  const where = useCell(route);
  const main = useRef<HTMLElement>(null);
  const title = where.page === "source" ? where.address : TITLES[where.page];
  useKeys();
  useEffect(() => {
    document.title = `${title} – Vedette`;
    // Whoever reads by ear is where the eye is.
    if (access === "open") main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [title, access]);
  if (access === "unknown") return null;
  if (access === "locked") return <LoginPage />;
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <Navigation page={where.page} />
      <div class="column">
        <TopBar title={TITLES[where.page]} />
        <ConnectionBanner />
        <main id="main" ref={main} tabIndex={-1} aria-label={title}>
          {pageOf(where)}
        </main>
      </div>
      <Toasts />
      <HelpDialog />
    </div>
  );
}

function pageOf(where: Route): ComponentChild {
  switch (where.page) {
    default:
      return <NowPage />;
  }
}
