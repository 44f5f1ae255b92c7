# Sets the wall clock of one process off, or says by how much it is: perl vdso-clock.pl PID [MILLISECONDS]
#
# A Go program asks the vDSO, code of the kernel's in its own memory, for the time, and no library in between: nothing can be preloaded. Time namespaces move the
# monotonic clock and that since boot, not the wall clock. So this puts a jump where the vDSO's clock_gettime begins, to code in the empty end of its last page that asks
# the kernel and adds an offset to CLOCK_REALTIME (0) and CLOCK_REALTIME_COARSE (5). The pages are the process's own once written to; other processes keep their clock,
# and a process that is started anew has a clock that is right.
use strict; use warnings; no warnings 'portable';

my ($pid, $ms) = @ARGV;
my $machine = `uname -m`; chomp $machine;
die "no way to do so on $machine, only on x86_64\n" if $machine ne 'x86_64';

open(my $maps, '<', "/proc/$pid/maps") or die "/proc/$pid/maps: $!\n";
my ($from, $to) = map { /^(\w+)-(\w+) .*\[vdso\]$/ ? (hex $1, hex $2) : () } <$maps>;
die "process $pid has no vDSO\n" unless defined $to;
open(my $memory, '+<:raw', "/proc/$pid/mem") or die "/proc/$pid/mem: $!\n";

sub peek { my ($at, $count) = @_; my $bytes = '';
  sysseek($memory, $at, 0) && (sysread($memory, $bytes, $count) // 0) == $count or die "reading $pid: $!\n"; $bytes }
sub poke { my ($at, $bytes) = @_;
  sysseek($memory, $at, 0) && (syswrite($memory, $bytes) // 0) == length $bytes or die "writing $pid: $!\n" }

my $image = peek($from, $to - $from);
my ($sections, $size, $count) = (unpack('Q<', substr $image, 40, 8), unpack('S<S<', substr $image, 58, 4));
my $entry;
for my $section (map { [unpack 'L<L<Q<Q<Q<Q<L<', substr $image, $sections + $_ * $size, $size] } 0 .. $count - 1) {
  next if $section->[1] != 11;
  my $names = (unpack 'L<L<Q<Q<Q<', substr $image, $sections + $section->[6] * $size, $size)[4];
  for (my $at = $section->[4]; $at < $section->[4] + $section->[5]; $at += 24) {
    my ($name, $value) = (unpack('L<', substr $image, $at, 4), unpack('Q<', substr $image, $at + 8, 8));
    $entry = $from + $value if unpack('Z*', substr $image, $names + $name) eq '__vdso_clock_gettime';
  }
}
die "no clock_gettime in the vDSO\n" unless defined $entry;

# The end of the last page is empty: the offset stands there, and behind it the code.
my $rest = $from + (($sections + $count * $size + 63) & ~63);
my $code = $rest + 24;
my $jump = "\xe9" . pack('l<', $code - $entry - 5);
my $isOff = peek($entry, 5) eq $jump;
my ($seconds, $nanos) = $isOff ? unpack('q<q<', peek($rest, 16)) : (0, 0);
unless (defined $ms && ($isOff || $ms)) { print $seconds * 1000 + $nanos / 1e6, "\n"; exit }

my $whole = int($ms / 1000); $whole -= 1 if $whole * 1000 > $ms;
my $parts = ($ms - $whole * 1000) * 1_000_000;
poke($rest, pack 'q<q<', $whole, $parts);
unless ($isOff) {
  my $asm = "\xb8\xe4\0\0\0\x0f\x05" . "\x85\xc0\x75\x35" . "\x85\xff\x74\x05\x83\xff\x05\x75\x2c"
    . "\x48\x8b\x0d" . pack('l<', -24 - 27) . "\x48\x01\x0e"
    . "\x48\x8b\x0d" . pack('l<', -16 - 37) . "\x48\x03\x4e\x08"
    . "\x48\x81\xf9\x00\xca\x9a\x3b\x7c\x0a" . "\x48\x81\xe9\x00\xca\x9a\x3b\x48\xff\x06" . "\x48\x89\x4e\x08\xc3";
  die "no room in the vDSO\n" if $code + length($asm) > $to;
  poke($code, $asm);
  # No thread may stand in the bytes that become the jump.
  for my $try (1 .. 20) {
    kill 'STOP', $pid or die "stopping $pid: $!\n";
    select undef, undef, undef, 0.01;
    my $stands = grep { my $pc = pc($_); !defined $pc || ($pc > $entry && $pc < $entry + 5) } glob "/proc/$pid/task/*";
    poke($entry, $jump) unless $stands;
    kill 'CONT', $pid;
    last unless $stands;
    die "its threads do not leave clock_gettime\n" if $try == 20;
    select undef, undef, undef, 0.01;
  }
}
print "$ms\n";

sub pc { my ($task) = @_; open(my $file, '<', "$task/syscall") or return 0; my $line = <$file> // ''; $line =~ / (0x\w+)$/ ? hex $1 : undef }
