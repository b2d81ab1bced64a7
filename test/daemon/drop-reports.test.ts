import { describe, expect, it } from "vitest";
import { DropReports, MOST_UNANSWERED } from "../../src/daemon/drop-reports.ts";
import { OperationalError } from "../../src/errors.ts";
import type { Outcome } from "../../src/model/order.ts";
import { DROPPED_PACKET, settled } from "../broker/fakes.ts";

/** A broker that answers when it is told to. */
function open() {
  const waiting: PromiseWithResolvers<Outcome>[] = [];
  const reports = new DropReports({
    dropped: () => {
      const answer = Promise.withResolvers<Outcome>();
      waiting.push(answer);
      return answer.promise;
    },
  });
  return { reports, waiting };
}

describe("DropReports", () => {
  it("leaves out and counts what comes while a hundred are unanswered, and goes on after", async () => {
    const { reports, waiting } = open();
    for (let sent = 0; sent < MOST_UNANSWERED + 3; sent += 1) reports.take(DROPPED_PACKET);
    expect([waiting.length, reports.skipped]).toEqual([MOST_UNANSWERED, 3]);

    waiting[0]?.resolve({ status: "refused", reason: "enough" });
    waiting[1]?.resolve({ status: "failed", reason: "EISDIR" });
    await settled();
    for (let sent = 0; sent < 3; sent += 1) reports.take(DROPPED_PACKET);
    expect([waiting.length, reports.skipped]).toEqual([MOST_UNANSWERED + 2, 4]);
  });

  it("takes the going of the broker for nobody's fault", async () => {
    const { reports, waiting } = open();
    reports.take(DROPPED_PACKET);
    waiting[0]?.reject(new OperationalError("ERR_BROKER", "the broker is gone"));
    await settled();
    reports.take(DROPPED_PACKET);
    expect(waiting).toHaveLength(2);
  });
});
