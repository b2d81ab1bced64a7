import { describe, expect, it } from "vitest";
import type { Alert } from "../../src/alerts/alert.ts";
import type { ToldAlert } from "../../src/broker/executors/alert-program.ts";
import { MAX_ALERT_CHARACTERS, requestSchema } from "../../src/broker/protocol.ts";
import { tellCommand } from "../../src/daemon/alert-command.ts";
import { OperationalError } from "../../src/errors.ts";
import type { Outcome } from "../../src/model/order.ts";

const ALERT: Alert = {
  kind: "convicted",
  severity: "notice",
  atEpochMs: 0,
  title: "Scan by 192.0.2.7",
  text: "192.0.2.7 scans",
  facts: { address: "192.0.2.7" },
  details: { campaign: { id: "a-1" } },
};

function broker(outcome: Outcome) {
  const told: ToldAlert[] = [];
  return {
    told,
    alert: async (alert: ToldAlert) => {
      told.push(alert);
      return outcome;
    },
  };
}

describe("tellCommand", () => {
  it("hands on what a webhook would get, with the source", async () => {
    const asked = broker({ status: "applied" });
    expect(await tellCommand(asked, ALERT, "www")).toEqual({ status: "sent" });
    const [alert] = asked.told;
    expect(alert).toMatchObject({ kind: "convicted", severity: "notice", source: "192.0.2.7/32" });
    expect(JSON.parse(alert?.body ?? "")).toMatchObject({
      title: "Scan by 192.0.2.7",
      host: "www",
      campaign: { id: "a-1" },
    });
  });

  it("has no source where it is about none", async () => {
    const asked = broker({ status: "applied" });
    await tellCommand(asked, { ...ALERT, facts: {} }, "www");
    expect(asked.told[0]?.source).toBeNull();
  });

  it.each([
    { what: "details", alert: { ...ALERT, details: { alerts: "x".repeat(40_000) } } },
    { what: "a text", alert: { ...ALERT, text: "\u0001\n".repeat(40_000) } },
    { what: "bytes", alert: { ...ALERT, text: "€".repeat(32_000) } },
  ])("makes of too much ($what) what the broker takes", async ({ alert }) => {
    const asked = broker({ status: "applied" });
    await tellCommand(asked, alert, "www");
    const [told] = asked.told;
    expect(told?.body.length).toBeLessThanOrEqual(MAX_ALERT_CHARACTERS);
    expect(requestSchema.safeParse({ id: 1, request: "alert", ...told }).success).toBe(true);
    expect(JSON.parse(told?.body ?? "")).toMatchObject({ title: ALERT.title });
  });

  it("is tried again when the program failed, and not when there is no broker", async () => {
    const failing = broker({ status: "failed", reason: "exit status 75" });
    expect(await tellCommand(failing, ALERT, "www")).toEqual({
      status: "failed",
      reason: "exit status 75",
      isFinal: false,
    });
    const gone = {
      alert: () => Promise.reject(new OperationalError("ERR_BROKER", "the broker is gone")),
    };
    expect(await tellCommand(gone, ALERT, "www")).toMatchObject({ isFinal: true });
  });
});
