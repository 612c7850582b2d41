# SPDX-License-Identifier: Apache-2.0
#
# The fast path, sourced after _lib.sh: VMs on veths, numbered datagrams between
# them, and what the kernel forwarded of what.

datagrams=$top/tests/system/_datagrams.py
declare -A streams=() # file -> pids

# need_tcx: skips where the kernel has no programs at the ingress of devices.
need_tcx()
{
	[ "$(python3 "$datagrams" programs lo)" -ge 0 ] 2>/dev/null ||
		skip "needs tcx, Linux 6.6 (and may bpf(2) be called?)"
}

# fast_vm HOST VM NUMBER [NET]: a VM's namespace, by a veth whose end at the host
# is called to-VM; its MAC, 10.0.NET.NUMBER, fd00:NET::NUMBER.
fast_vm()
{
	[ -e "/run/netns/$prefix-$2" ] || make_netns "$2"
	make_wire "$1" "to-$2" "$2" eth0
	in_netns "$1" sysctl -qw "net.ipv6.conf.to-$2.disable_ipv6=1"
	ip -n "$prefix-$2" link set eth0 address "02:00:00:00:0${4:-0}:0$3"
	ip -n "$prefix-$2" addr add "10.0.${4:-0}.$3/24" dev eth0
	ip -n "$prefix-$2" addr add "fd00:${4:-0}::$3/64" dev eth0 nodad
}

# programs_at NETNS DEVICE: how many there are
programs_at() { in_netns "$1" python3 "$datagrams" programs "$2"; }

# link_of NAME PORT WHAT: a number of a link's line
link_of()
{
	json "$1" "[.links[] | select(.port == \"$2\") | .$3] | add // 0" stats
}
# more_fast NAME PORT NUMBER: the kernel has forwarded more than that
more_fast() { [ "$(link_of "$1" "$2" fast)" -gt "$3" ]; }
# goes_fast WHAT NAME PORT: what comes by this link is forwarded by the kernel,
# here 100 frames
goes_fast()
{
	local before
	before=$(link_of "$2" "$3" fast)
	wait_for 20 more_fast "$2" "$3" $((before + 100)) ||
		fault "$1: the kernel forwards nothing from $3 of $2: $(
			vsctl_in "$2" stats)"
}
# goes_slow WHAT NAME PORT: here nothing for a second, once it is swept
goes_slow()
{
	local before
	sleep 1.2
	before=$(link_of "$2" "$3" fast)
	sleep 1.2
	expect "$1: frames from $3 of $2 past the switch" "$before" \
		"$(link_of "$2" "$3" fast)"
}

# stream FILE FROM TO ADDRESS [PORT [AT_ONCE]]: datagrams, 500 a second, until
# stream_end FILE; the numbers of those that came are in FILE. They bear the
# file's name.
stream()
{
	local file=$1 port=${5:-4000}
	: >"$work/$file"
	begin_in "$3" python3 "$datagrams" hear "$file" "$port" \
		"$work/$file"
	streams[$file]=$!
	wait_for 10 udp_listening "$3" "$port" || fault "nobody hears $file"
	begin_in "$2" python3 "$datagrams" send "$file" "$4" "$port" \
		500 "${6:-1}"
	streams[$file]+=" $!"
	heard_more "$file" || fault "$file: not one datagram"
}
udp_listening() { [ -n "$(in_netns "$1" ss -Hlun "sport = :$2")" ]; }
# stream_sends FILE SIGNAL: tells the sender (see _datagrams.py)
stream_sends() { kill "-$2" "${streams[$1]#* }"; }
stream_end()
{
	local ends
	read -ra ends <<<"${streams[$1]}"
	unset "streams[$1]"
	kill "${ends[1]}" # nothing is on its way when its hearer goes
	sleep 0.3
	kill "${ends[0]}"
	wait "${ends[@]}" 2>/dev/null
}
# heard FILE: how many came
heard() { wc -l <"$work/$1"; }
# heard_more FILE: more come, within 10 s
heard_more() { wait_for 10 more_than "$1" "$(heard "$1")"; }
more_than() { [ "$(heard "$1")" -gt "$2" ]; }
# comes WHAT FILE, stops WHAT FILE: what is on its way may still come
comes() { heard_more "$2" || fault "$1: nothing comes"; }
stops()
{
	local before
	sleep 0.2
	before=$(heard "$2")
	sleep 0.7
	expect "$1: datagrams" "$before" "$(heard "$2")"
}
# missing FILE: numbers between the first and the last that never came; twice
# or wrong is a fault
missing()
{
	grep -q bad "$work/$1" && fault "$1: datagrams that nobody sent"
	awk -v name="$1" 'NR == 1 { first = $1 }
		seen[$1]++ { print "FAULT: " name ": twice: " $1 >"/dev/stderr" }
		$1 > last { last = $1 }
		END { print last - first + 1 - NR }' "$work/$1"
}
# whole FILE: ended, and nothing is missing
whole()
{
	stream_end "$1"
	[ "$(heard "$1")" -gt 100 ] || fault "$1: only $(heard "$1")"
	expect "$1: lost" 0 "$(missing "$1" 2>&1)"
}
