/** The frame of every page: where one can go, how the guard is, and the page that was asked for. */
import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useKeys } from "./keys.ts";
import { BansPage } from "./pages/bans.tsx";
import { CampaignsPage } from "./pages/campaigns.tsx";
import { HealthPage } from "./pages/health.tsx";
import { NowPage } from "./pages/now.tsx";
import { PortsPage } from "./pages/ports.tsx";
import { SourcesPage } from "./pages/sources.tsx";
import { StoryPage } from "./pages/story.tsx";
import { BanAgainDialog } from "./parts/ban-dialog.tsx";
import { ConnectionBanner } from "./parts/connection-banner.tsx";
import { HelpDialog } from "./parts/help-dialog.tsx";
import { LoginPage } from "./parts/login-page.tsx";
import { Navigation } from "./parts/navigation.tsx";
import { Toasts } from "./parts/toasts.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import { route } from "./router.ts";
import { PAGE_NAMES, type Route } from "./routes.ts";
import { session } from "./session-state.ts";
import { useCell } from "./use-cell.ts";

export function App() {
  const access = useCell(session);
  const where = useCell(route);
  const main = useRef<HTMLElement>(null);
  const title = where.page === "source" ? where.address : PAGE_NAMES[where.page];
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
        <TopBar title={where.page === "source" ? "Story" : title} />
        <ConnectionBanner />
        <main id="main" ref={main} tabIndex={-1} aria-label={title}>
          {pageOf(where)}
        </main>
      </div>
      <Toasts />
      <HelpDialog />
      <BanAgainDialog />
    </div>
  );
}

function pageOf(where: Route): ComponentChild {
  switch (where.page) {
    case "now":
      return <NowPage />;
    case "campaigns":
      return <CampaignsPage query={where.query} />;
    case "bans":
      return <BansPage view={where.query["view"] ?? ""} />;
    case "sources":
      return <SourcesPage query={where.query} />;
    case "ports":
      return <PortsPage />;
    case "health":
      return <HealthPage />;
    case "source":
      return <StoryPage key={where.address} address={where.address} />;
  }
}
