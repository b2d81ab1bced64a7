import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseSmtpServer } from "../../src/alerts/mail-address.ts";
import { readAlertFiles } from "../../src/daemon/alert-files.ts";
import { HealthTracker } from "../../src/health/tracker.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-alert-files-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

let health: HealthTracker;
beforeEach(() => {
  health = new HealthTracker(() => 0);
});

const NOTHING = {
  ALERT_WEBHOOK: undefined,
  ALERT_WEBHOOK_TEMPLATE: undefined,
  ALERT_WEBHOOK_HEADERS: undefined,
  ALERT_MAIL_TO: undefined,
  ALERT_SMTP: undefined,
  ALERT_SMTP_PASSWORD_FILE: undefined,
  ALERT_COMMAND: undefined,
};

describe("readAlertFiles", () => {
  it("reads the URL, the template and the headers", () => {
    const files = readAlertFiles(
      {
        ...NOTHING,
        ALERT_WEBHOOK: file("url", "https://hooks.example/a-secret\n"),
        ALERT_WEBHOOK_TEMPLATE: file("template", '{"text":"{{text}}"}', 0o644),
        ALERT_WEBHOOK_HEADERS: file("headers", "Authorization: Bearer a-secret\n"),
      },
      health,
    );
    expect(files.webhook).toEqual({
      url: "https://hooks.example/a-secret",
      template: '{"text":"{{text}}"}',
      headers: "Authorization: Bearer a-secret\n",
    });
    expect(health.list()).toEqual([]);
  });

  it("reads the password of mail, and tells of one way that the other is not hurt by", () => {
    const mail = {
      ALERT_MAIL_TO: ["root@example.org"],
      ALERT_SMTP: parseSmtpServer("smtp://user@mail.example.org"),
      ALERT_SMTP_PASSWORD_FILE: file("password", "a-secret\n"),
      ALERT_WEBHOOK: "/nonexistent",
    };
    expect(readAlertFiles({ ...NOTHING, ...mail }, health)).toEqual({
      webhook: undefined,
      mail: { password: "a-secret" },
      hasCommand: false,
    });
    const nobody = { ...NOTHING, ...mail, ALERT_SMTP_PASSWORD_FILE: undefined };
    expect(readAlertFiles(nobody, health).mail).toBeUndefined();
    expect(health.list()[0]?.text).toBe(
      "Alerts are not sent by webhook: /nonexistent does not exist; nor by mail: ALERT_SMTP names a " +
        "user, and ALERT_SMTP_PASSWORD_FILE no file.",
    );
  });

  it("has a command where the file can be run, and says what is wrong with one that is not", () => {
    const command = (ALERT_COMMAND: string) =>
      readAlertFiles({ ...NOTHING, ALERT_COMMAND }, health).hasCommand;
    expect(command(file("command", "#!/bin/sh\n", 0o700))).toBe(true);
    expect(health.list()).toEqual([]);
    expect(command(file("command", "#!/bin/sh\n", 0o600))).toBe(false);
    expect(health.list()[0]?.text).toMatch(
      /^Alerts are not sent by command: \S+ is not executable \(chmod \+x \S+\)\.$/,
    );
  });

  it.each([
    { key: "ALERT_WEBHOOK", name: "absent", said: "does not exist" },
    { key: "ALERT_WEBHOOK", text: "a-secret", said: "holds no URL of HTTP" },
    { key: "ALERT_WEBHOOK", text: "https://a.example/", mode: 0o644, said: "read by everybody" },
    { key: "ALERT_WEBHOOK", text: "https://a.example/", mode: 0o620, said: "written by others" },
    { key: "ALERT_WEBHOOK_HEADERS", text: "a-secret\n", said: ":1: it is no header" },
    { key: "ALERT_WEBHOOK_HEADERS", text: "A: b\n", mode: 0o644, said: "read by everybody" },
    { key: "ALERT_WEBHOOK_TEMPLATE", text: "{{a-secret", said: "it is no JSON" },
    { key: "ALERT_WEBHOOK_TEMPLATE", text: `"${"x".repeat(70_000)}"`, said: "is longer than" },
  ])("uses no webhook where $key $said, and tells nothing of what is in it", (each) => {
    const { key, name = "file", text, mode, said } = each;
    const path = text === undefined ? join(directory, name) : file(name, text, mode);
    const values = { ...NOTHING, ALERT_WEBHOOK: "https://a.example/b", [key]: path };
    expect(readAlertFiles(values, health).webhook).toBeUndefined();
    const [problem] = health.list();
    expect(problem).toMatchObject({ code: "alert-file-refused", severity: "warning" });
    expect(problem?.text).toContain(said);
    expect(problem?.text).not.toContain("a-secret");
    readAlertFiles(NOTHING, health);
    expect(health.list()).toEqual([]);
  });
});
