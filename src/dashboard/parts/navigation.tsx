/** The places of the dashboard: beside the page, below it on a telephone. */
import type { StatusView } from "../../api/contract.ts";
import { formatShort } from "../format.ts";
import { live } from "../live.ts";
import { PAGE_NAMES, PAGES, type PageName, pageLink, type Route } from "../routes.ts";
import { useCell } from "../use-cell.ts";
import { Icon, Mark } from "./icon.tsx";

export function Navigation({ page }: { readonly page: Route["page"] }) {
  const { status } = useCell(live);
  return (
    <nav class="navigation" aria-label="Pages">
      <a class="brand" href={pageLink("now")}>
        <Mark />
        <span>Vedette</span>
      </a>
      <ul>
        {PAGES.map((name) => (
          <li key={name}>
            <a
              href={pageLink(name)}
              aria-current={name === page ? "page" : undefined}
              class={page === "source" && name === "campaigns" ? "near" : undefined}
            >
              <Icon name={name} />
              <span class="navigation-name">{PAGE_NAMES[name]}</span>
              {status && <Count name={name} status={status} />}
            </a>
          </li>
        ))}
      </ul>
      {status && (
        <p class="navigation-foot">
          <span>Version {status.version}</span>
          <span class="faint">Configuration {status.config_revision}</span>
        </p>
      )}
    </nav>
  );
}

/** How many there are now, where that says something; problems are seen from everywhere. */
function Count({ name, status }: { readonly name: PageName; readonly status: StatusView }) {
  if (name === "campaigns" && status.campaigns > 0) {
    return <span class="count">{formatShort(status.campaigns)}</span>;
  }
  if (name === "bans") return <span class="count">{formatShort(status.banned)}</span>;
  const problems = status.health.filter(({ severity }) => severity !== "notice");
  if (name !== "health" || problems.length === 0) return null;
  const isError = problems.some(({ severity }) => severity === "error");
  return <span class={`count ${isError ? "is-error" : "is-warning"}`}>{problems.length}</span>;
}
