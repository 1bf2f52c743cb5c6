/** A TCP proxy that can lose answers: the server has done what it was asked, the client never hears of it. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export async function openProxy(to: string) {
  const { port } = new URL(to);
  const sockets = new Set<Socket>();
  let losing = 0;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream);
    upstream.on('data', (part) => {
      if (losing === 0) {
        client.write(part);
        return;
      }
      losing -= 1;
      lost += 1;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The next answer does not arrive. */
    loseNext: () => {
      losing += 1;
    },
    get lost() {
      return lost;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
