/** Who is shut out, for how long and why; and who is trusted. */
import { useState } from "preact/hooks";
import { formatCount } from "../format.ts";
import { live } from "../live.ts";
import { BanDialog } from "../parts/ban-dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Segments } from "../parts/segments.tsx";
import { replaceRoute } from "../router.ts";
import { pageLink } from "../routes.ts";
import { useCell } from "../use-cell.ts";
import { useChangeLock } from "../use-change-lock.ts";
import { BanTable } from "./bans/ban-table.tsx";
import { TrustedTable } from "./bans/trusted-table.tsx";

export function BansPage({ view }: { readonly view: string }) {
  const { status } = useCell(live);
  const lock = useChangeLock();
  const [isBanning, setBanning] = useState(false);
  const isTrusted = view === "trusted";
  return (
    <div class="list-page">
      <div class="tools">
        <Segments
          label="Which list"
          chosen={isTrusted ? "trusted" : "banned"}
          choices={[
            { value: "banned", name: `Banned ${status ? formatCount(status.banned) : ""}` },
            { value: "trusted", name: `Trusted ${status ? formatCount(status.trusted) : ""}` },
          ]}
          onChoose={(value) =>
            replaceRoute(pageLink("bans", { view: value === "trusted" ? value : "" }))
          }
        />
        <button type="button" class="primary at-end" {...lock} onClick={() => setBanning(true)}>
          <Icon name="bans" />
          Ban an address
        </button>
      </div>
      {isTrusted ? <TrustedTable /> : <BanTable />}
      {isBanning && <BanDialog address="" onClose={() => setBanning(false)} />}
    </div>
  );
}
