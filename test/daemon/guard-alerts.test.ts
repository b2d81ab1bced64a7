import { describe, expect, it } from "vitest";
import type { ToldAlert } from "../../src/broker/executors/alert-program.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { GuardAlerts } from "../../src/daemon/guard-alerts.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import type { AlertFiles } from "../../src/model/alert-files.ts";
import type { Outcome } from "../../src/model/order.ts";
import { WebhookServer } from "../alerts/webhook-server.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";

const NOTHING: AlertFiles = { webhook: undefined, mail: undefined, hasCommand: false };

const PROBLEM = {
  code: "hook-failed",
  severity: "warning",
  text: "A hook failed.",
  action: "Look at it.",
  sinceEpochMs: 0,
} as const;

function scene(files: AlertFiles, outcome: Outcome = { status: "applied" }) {
  const loaded = loadConfiguration({ overrides: { ALERT_ON: "health" } });
  if (loaded.status === "invalid") throw new Error("the configuration does not load");
  const health = new HealthTracker(() => 0);
  const told: ToldAlert[] = [];
  const alerts = new GuardAlerts({
    values: loaded.configuration.values,
    files,
    broker: {
      alert: async (alert) => {
        told.push(alert);
        return outcome;
      },
    },
    stories: { campaigns: () => [], events: () => [] },
    health,
    problems: () => health.list(),
    clock: new FakeClock(),
  });
  return { alerts, health, told };
}

/** Past everything that could be sent at once. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const codes = (health: HealthTracker) => health.list().map(({ code }) => code);

describe("GuardAlerts", () => {
  it("tells by each way that there is", async () => {
    using server = await WebhookServer.open();
    const webhook = { url: server.url.href, template: undefined, headers: undefined };
    const { alerts, told } = scene({ ...NOTHING, webhook, hasCommand: true });
    alerts.start();
    alerts.desk.health(PROBLEM, "raised");
    await waitFor("the webhook", 30_000, () => server.received.length > 0);
    expect(told).toMatchObject([{ kind: "health", severity: "warning", source: null }]);
    expect(JSON.parse(told[0]?.body ?? "")).toEqual(JSON.parse(server.received[0]?.body ?? ""));
    await alerts.close();
  });

  it("has the broker run no program before it is past restoring, and then with all of them", async () => {
    const { alerts, told } = scene({ ...NOTHING, hasCommand: true });
    alerts.desk.health(PROBLEM, "raised");
    alerts.desk.health(PROBLEM, "cleared");
    await settle();
    expect(told).toEqual([]);
    alerts.start();
    await waitFor("both alerts", 30_000, () => told.length === 2);
    await alerts.close();
  });

  it("has no failed command when it ends while the broker restores", async () => {
    const { alerts, health, told } = scene({ ...NOTHING, hasCommand: true });
    alerts.desk.health(PROBLEM, "raised");
    await alerts.close();
    expect(told).toEqual([]);
    expect(codes(health)).toEqual([]);
  });

  it("has no problem any more with a way that is not to be used any more", async () => {
    using server = await WebhookServer.open();
    // For good: it is not tried again, and nothing would ever get through.
    server.answer = (response) => void response.writeHead(404).end();
    const webhook = { url: server.url.href, template: undefined, headers: undefined };
    const files = { ...NOTHING, webhook, hasCommand: true };
    const { alerts, health } = scene(files, { status: "failed", reason: "exit status 1" });
    alerts.start();
    alerts.desk.health(PROBLEM, "raised");
    await waitFor("both problems", 30_000, () => health.list().length === 2);
    const actionOf = (wanted: string) =>
      health.list().find(({ code }) => code === wanted)?.action ?? "";
    expect(actionOf("alert-webhook-failed")).toContain("the network");
    expect(actionOf("alert-command-failed")).toContain("ALERT_COMMAND");
    expect(actionOf("alert-command-failed")).not.toContain("the network");
    alerts.use({ ...files, webhook: undefined });
    expect(codes(health)).toEqual(["alert-command-failed"]);
    alerts.use(NOTHING);
    expect(codes(health)).toEqual([]);
    await alerts.close();
  });
});
