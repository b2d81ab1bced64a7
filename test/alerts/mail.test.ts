import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type MailWay, sendMail } from "../../src/alerts/mail.ts";
import type { SmtpServer as Place } from "../../src/alerts/mail-address.ts";
import { SmtpServer } from "./smtp-server.ts";

function wayTo(server: SmtpServer, more: Partial<Place> = {}): MailWay {
  const place: Place = { host: "127.0.0.1", port: server.port, tls: "none", user: undefined };
  return {
    server: { ...place, ...more },
    password: more.user === undefined ? undefined : "a-secret",
    from: "vedette@www.example",
    to: ["root@example.org", "ops@example.org"],
  };
}

/** A certificate that nobody has signed but itself. */
function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "vedette-mail-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const words = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout ${key} -out ${cert}`;
    execFileSync("openssl", words.split(" "), { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("sendMail", () => {
  it("sends plain text to all who are to have it", async () => {
    using server = await SmtpServer.open();
    const text = "192.0.2.7 scans\n.\nand a last line ä\n";
    expect(await sendMail(wayTo(server), "[vedette www] Scan", text)).toEqual({ status: "sent" });
    const [mail] = server.mails;
    expect(mail?.from).toContain("<vedette@www.example>");
    expect(mail?.to).toEqual(["<root@example.org>", "<ops@example.org>"]);
    expect(mail?.data).toContain("Subject: [vedette www] Scan\n");
    expect(mail?.data).toContain("Content-Type: text/plain");
    expect(mail?.data).toContain("Auto-Submitted: auto-generated\n");
    // A line with a dot alone would end the mail: RFC 5321 section 4.5.2.
    expect(mail?.data).toContain("\n..\nand a last line");
  });

  it("lets no subject begin another header or another mail", async () => {
    using server = await SmtpServer.open();
    const subject = "a\r\nBcc: all@example.net\r\n\r\n.\r\nMAIL FROM:<x@example.net>";
    expect(await sendMail(wayTo(server), subject, "b")).toEqual({ status: "sent" });
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]?.to).toHaveLength(2);
    expect(server.mails[0]?.data).not.toMatch(/^Bcc:/im);
    expect(server.said.filter((line) => line.startsWith("MAIL"))).toHaveLength(1);
  });

  it("gives a server without TLS neither the password nor the mail", async () => {
    using server = await SmtpServer.open();
    const way = wayTo(server, { tls: "upgrade", user: "user" });
    expect(await sendMail(way, "s", "b")).toMatchObject({ status: "failed" });
    expect(server.mails).toEqual([]);
    expect(server.said.some((line) => /^(?:AUTH|MAIL)/.test(line))).toBe(false);
  });

  it("gives a server whose certificate nobody has signed neither of them", async () => {
    using server = await SmtpServer.open({ key: selfSigned() });
    const way = wayTo(server, { tls: "upgrade", user: "user", host: "localhost" });
    const outcome = await sendMail(way, "s", "b");
    expect(outcome).toMatchObject({ status: "failed", isFinal: false });
    expect(JSON.stringify(outcome)).not.toContain("a-secret");
    expect(server.said).toContain("STARTTLS");
    expect(server.said.some((line) => /^(?:AUTH|MAIL)/.test(line))).toBe(false);
  });

  it.each([
    { afterData: "451 later, a-secret", isFinal: false, number: 451 },
    { afterData: "554 never, a-secret", isFinal: true, number: 554 },
  ])("tells the number of $afterData alone", async ({ afterData, isFinal, number }) => {
    using server = await SmtpServer.open({ afterData });
    expect(await sendMail(wayTo(server), "s", "b")).toEqual({
      status: "failed",
      reason: `127.0.0.1: answered ${number}`,
      isFinal,
    });
  });
});
