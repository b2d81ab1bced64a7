/** Runs inside a namespace: takes mail on a loopback port, and prints a line of JSON for each. */
import { SmtpServer } from "../alerts/smtp-server.ts";

const server = await SmtpServer.open({
  onMail: (mail) => process.stdout.write(`${JSON.stringify(mail)}\n`),
});
process.stdout.write(`listening ${server.port}\n`);
