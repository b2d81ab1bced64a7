/**
 * The program of a small name server: answers a question for a name (PTR) with
 * scanner.example.org, and each other one with one A record, 192.0.2.80.
 *
 * Started by {@link startNameServer} with its port and the delay of its answers in milliseconds, so
 * that a client may have given up, and closed its socket, before the answer comes; and with names
 * by the first label of the question, as JSON of lists of labels in hexadecimal digits. It copies
 * the question (RFC 1035 section 4.1.2) and points to it from the answer (section 4.1.4). Prints
 * "listening" when it is open, and "named " with the first label when it has answered with one of
 * those names.
 */
import { createSocket } from "node:dgram";

/** Identification, flags and four counts (RFC 1035 section 4.1.1). */
const HEADER_BYTES = 12;
/** Ends the name of the question, then type and class. */
const AFTER_NAME_BYTES = 5;
const ADDRESS_ANSWER = fromHex("c00c 0001 0001 0000003c 0004 c0000250");
const NAME_ANSWER = nameAnswer(["scanner", "example", "org"].map((label) => Buffer.from(label)));
/** Of a question: RFC 1035 section 3.2.2. */
const PTR = 12;

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** A record with a name: lengths and labels (RFC 1035 section 3.1), whatever their octets. */
function nameAnswer(labels: readonly Buffer[]): Buffer {
  const name = labels.flatMap((label) => [Buffer.of(label.length), label]);
  const data = Buffer.concat([...name, Buffer.of(0)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length);
  return Buffer.concat([fromHex("c00c 000c 0001 0000003c"), length, data]);
}

const [port = 53, delayMs = 0] = process.argv.slice(2, 4).map(Number);
const names = new Map(
  Object.entries(JSON.parse(process.argv[4] ?? "{}") as Record<string, string[]>).map(
    ([first, labels]) => [first, nameAnswer(labels.map(fromHex))],
  ),
);
const socket = createSocket("udp6");

socket.on("message", (query, peer) => {
  let end = HEADER_BYTES;
  while (end < query.length && query[end] !== 0) end += 1 + (query[end] ?? 0);
  const question = query.subarray(HEADER_BYTES, end + AFTER_NAME_BYTES);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available, one question, one answer.
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 6);
  const type = question.readUInt16BE(question.length - AFTER_NAME_BYTES + 1);
  const first = question.toString("latin1", 1, 1 + (question[0] ?? 0));
  const named = type === PTR ? names.get(first) : undefined;
  const answer = named ?? (type === PTR ? NAME_ANSWER : ADDRESS_ANSWER);
  const reply = Buffer.concat([header, question, answer]);
  setTimeout(() => {
    socket.send(reply, peer.port, peer.address);
    if (named !== undefined) process.stdout.write(`named ${first}\n`);
  }, delayMs);
});
socket.bind(port, "::", () => process.stdout.write("listening\n"));
