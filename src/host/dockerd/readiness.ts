/** Tells a service manager how far this daemon has come (sd_notify); nothing where there is none. */
import { spawn } from 'node:child_process';

/** `systemd-notify` speaks for the process that calls it; where it is not installed a word of Perl sends the same datagram. */
const SPEAKERS: readonly (readonly [string, (state: string) => readonly string[]])[] = [
  ['systemd-notify', (state) => [state]],
  [
    'perl',
    (state) => [
      '-MSocket',
      '-e',
      'my $p = $ENV{NOTIFY_SOCKET}; $p =~ s/^@/\\0/; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; send($s, $ARGV[0], 0, pack_sockaddr_un($p)) or die',
      state,
    ],
  ],
];
const SPEAK_MS = 5000;

/** Resolves when it was said; nobody's readiness depends on who listens, so a failure is only told to `log`. */
export async function notify(
  state: 'READY=1' | 'STOPPING=1',
  log: (message: string) => void,
): Promise<void> {
  if ((process.env['NOTIFY_SOCKET'] ?? '') === '') return;
  for (const [program, words] of SPEAKERS) {
    if (await speak(program, words(state))) return;
  }
  log(`the service manager could not be told ${state}`);
}

const speak = (program: string, words: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(program, words, { stdio: 'ignore', timeout: SPEAK_MS });
    child.once('error', () => {
      resolve(false);
    });
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
