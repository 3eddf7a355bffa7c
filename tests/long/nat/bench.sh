#!/bin/bash
# NAT test bench WITH WAN delay/loss by a user-space hub (kernel has no netem) (root, iproute2 + nftables). Everything lives in namespaces rn-*; nothing outside is touched.
# usage: [DELAY_MS=20 LOSS=0.01 RNP=rd-] bench.sh up <natA> <natB> | down | exec <host> cmd... | show
#   nat kinds: cone    = plain masquerade (Linux keeps the source port => endpoint-independent mapping,
#                        address-and-port-dependent filtering), WAN input silently dropped (typical home router)
#              conerst = same, but unsolicited WAN input is answered with RST / ICMP unreachable
#              coneopen= same, no INPUT filter at all (kernel answers RST; unsolicited SYN leaves a conntrack entry => may break port preservation)
#              symm    = masquerade fully-random (new port per 5-tuple => symmetric)
#              full    = full cone for the first client (dnat of everything unsolicited to .2)
#              fwblock = cone + outbound UDP blocked (UDP-hostile firewall)
#              tcponly443 = cone + outbound only tcp to the registry address
# hosts: pub 203.0.113.1(+.2) registry; open 203.0.113.20 public client; a1 192.168.1.2, a2 192.168.1.3 (LAN A behind natA 203.0.113.11)
#        b1 192.168.2.2 (LAN B behind natB 203.0.113.12)
set -e
P=${RNP:-rc-}
DELAY_MS=${DELAY_MS:-20}; LOSS=${LOSS:-0}
DIR="$(cd "$(dirname "$0")" && pwd)"; STATE=${TMPDIR:-/tmp}
HOSTS="hub pub open natA natB a1 a2 b1"
down() { [ -f $STATE/.${P}hub.pid ] && { kill $(cat $STATE/.${P}hub.pid) 2>/dev/null || true; rm -f $STATE/.${P}hub.pid; }; for h in $HOSTS; do ip netns del $P$h 2>/dev/null || true; done; }
x() { local h=$1; shift; ip netns exec $P$h "$@"; }
link() { # link <nsbridge> <brdev> <ns> <ifname> <cidr>
  local p="v$RANDOM"; ip link add $p-0 type veth peer name $p-1
  ip link set $p-0 netns $P$1; ip link set $p-1 netns $P$3
  x $1 ip link set $p-0 master $2; x $1 ip link set $p-0 up
  x $3 ip link set $p-1 name $4; x $3 ip addr add $5 dev $4; x $3 ip link set $4 up; }
nat() { local r=$1 kind=$2 lan=$3 m="masquerade"
  x $r sysctl -qw net.ipv4.ip_forward=1
  x $r sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30 || true
  [ $kind = symm ] && m="masquerade fully-random"
  local inp='iifname "wan" ct state established,related accept; iifname "wan" icmp type echo-request accept; iifname "wan" drop'
  [ $kind = coneopen ] && inp='accept'
  [ $kind = conerst ] && inp='iifname "wan" ct state established,related accept; iifname "wan" meta l4proto tcp reject with tcp reset; iifname "wan" reject'
  local fwd='iifname "lan" accept; ct state established,related accept; drop'
  [ $kind = full ] && fwd='iifname "lan" accept; ct state established,related accept; ct status dnat accept; drop'
  [ $kind = fwblock ] && fwd='iifname "lan" meta l4proto udp drop; iifname "lan" accept; ct state established,related accept; drop'
  [ $kind = tcponly443 ] && fwd='iifname "lan" ip daddr 203.0.113.1 meta l4proto tcp accept; iifname "lan" drop; ct state established,related accept; drop'
  local pre=''; [ $kind = full ] && pre="iifname \"wan\" meta l4proto { tcp, udp } dnat to $lan.2"
  x $r nft -f - <<N
table ip n {
 chain prec { type nat hook prerouting priority -100; $pre
 }
 chain postc { type nat hook postrouting priority 100; oifname "wan" $m
 }
 chain inpc { type filter hook input priority 0; $inp
 }
 chain fwdc { type filter hook forward priority 0; $fwd
 }
}
N
}
up() { down
  for h in $HOSTS; do ip netns add $P$h; x $h ip link set lo up; done
  port() { ip link add hp$1 type veth peer name hq$1; ip link set hp$1 netns ${P}hub; ip link set hq$1 netns $P$2; x $2 ip link set hq$1 name $3; x hub ip link set hp$1 up; x hub ethtool -K hp$1 tx off rx off gro off >/dev/null; x $2 ethtool -K $3 tx off rx off gro off tso off gso off >/dev/null; x $2 ip link set $3 up; x $2 ip addr add $4 dev $3; }
  port 0 pub eth0 203.0.113.1/24; x pub ip addr add 203.0.113.2/24 dev eth0
  port 1 open eth0 203.0.113.20/24; port 2 natA wan 203.0.113.11/24; port 3 natB wan 203.0.113.12/24
  ip netns exec ${P}hub python3 $DIR/hub.py $DELAY_MS $LOSS hp0 hp1 hp2 hp3 >$STATE/${P}hub.log 2>&1 </dev/null & echo $! > $STATE/.${P}hub.pid; sleep 0.3
  for n in "natA 192.168.1" "natB 192.168.2"; do set -- $n; x $1 ip link add lan type bridge; x $1 ip link set lan up; x $1 ip addr add $2.1/24 dev lan; done
  link natA lan a1 eth0 192.168.1.2/24; link natA lan a2 eth0 192.168.1.3/24; link natB lan b1 eth0 192.168.2.2/24
  x a1 ip route add default via 192.168.1.1; x a2 ip route add default via 192.168.1.1; x b1 ip route add default via 192.168.2.1
  nat natA ${NA:-cone} 192.168.1; nat natB ${NB:-cone} 192.168.2; }
case "$1" in
 up) NA=$2 NB=$3 up;; down) down;; exec) shift; h=$1; shift; exec ip netns exec $P$h "$@";;
 show) for h in $HOSTS; do echo "== $h"; x $h ip -br addr; done;; *) echo "usage: up|down|exec|show"; exit 2;; esac
