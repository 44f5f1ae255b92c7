# listen.pl PORT PROGRAM [WORD…]: opens 0.0.0.0:PORT, hands the open socket to PROGRAM in the way systemd does
# (descriptor 3, LISTEN_FDS, LISTEN_PID), and becomes it.
# Why: dockerd sleeps one second (fifteen without --tls=false) for each TCP address it opens without TLS;
# a socket that is handed over costs nothing, and clients that come early wait instead of being refused.
use strict;
use warnings;
use Socket;
use POSIX qw(dup2);

my ($port, @program) = @ARGV;
$^F = 3;    # descriptors up to this one stay open across exec
socket(my $listener, PF_INET, SOCK_STREAM, getprotobyname('tcp') || 6) or die "socket: $!\n";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!\n";
bind($listener, sockaddr_in($port, INADDR_ANY)) or die "bind to port $port: $!\n";
listen($listener, SOMAXCONN) or die "listen: $!\n";
if (fileno($listener) != 3) { dup2(fileno($listener), 3) or die "dup2: $!\n"; }
$ENV{LISTEN_FDS} = 1;
$ENV{LISTEN_PID} = $$;
exec(@program) or die "$program[0]: $!\n";
