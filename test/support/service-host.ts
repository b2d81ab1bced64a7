/**
 * The program of one set of real services: listens on TCP and UDP ports until it is ended.
 *
 * Started by {@link startServices} inside a namespace with one JSON argument; ServicePorts says
 * what each kind of port does. Listens on "::" without IPV6_V6ONLY, so on both families. Prints
 * "listening" when every port is open.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { ServicePorts } from "./services.ts";

const ports = JSON.parse(process.argv[2] ?? "{}") as Required<ServicePorts>;
/** Connections of the slow ports. */
const kept = new Set<Socket>();

for (const port of [...ports.tcp, ...ports.slowTcp]) {
  const isSlow = ports.slowTcp.includes(port);
  const server = createServer({ allowHalfOpen: isSlow }, (connection) => {
    // A peer that resets its connection is part of every scan.
    connection.on("error", () => connection.destroy());
    connection.write(`service ${port}\n`);
    if (isSlow) kept.add(connection.resume());
    else connection.pipe(connection);
  });
  server.listen({ port, host: "::", backlog: 1024 });
  await once(server, "listening");
}
for (const port of ports.udp) {
  const socket = createSocket("udp6");
  socket.on("message", (message, peer) => socket.send(message, peer.port, peer.address));
  socket.bind(port, "::");
  await once(socket, "listening");
}
process.on("SIGUSR2", () => {
  for (const connection of kept) connection.end("late\n");
});
process.stdout.write("listening\n");
