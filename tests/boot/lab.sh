# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The network that a machine is booted over: a network namespace with a tap device, dnsmasq for
# DHCP and TFTP, nginx for HTTP and HTTPS, vsftpd for FTP, NFS-Ganesha for NFS. Sourced; one laboratory
# at a time for each shell.
#
# The namespace carries the id of the shell that owns it, so that parallel runs do not meet and a
# later run can tell the leavings of a killed one from a living neighbour's.

LAB_ADDRESS=192.168.77.1
LAB_TAP=tap0
LAB_PREFIX=pxed-boot-
# Of the network, told to machines by DHCP.
LAB_MTU=1500

LAB_NAMESPACE=
LAB_PIDS=()
LAB_HTTP_LOG=
LAB_TFTP_LOG=
LAB_FTP_LOG=
LAB_NFS_LOG=
LAB_NFS_PID=

bail() {
    printf 'Bail out! %s\n' "$1"
    exit 1
}

# Everything that the suite needs and that no package of ours brings into being.
require_means() {
    local tool
    for tool in qemu-system-x86_64 dnsmasq nginx vsftpd ganesha.nfsd openssl ip ss setpriv; do
        command -v "$tool" >/dev/null || bail "$tool is not installed; scripts/install-deps installs it"
    done
    [[ $EUID == 0 ]] || bail 'network namespaces and tap devices need root'
    [[ -c /dev/net/tun ]] || bail '/dev/net/tun is missing'
    [[ -r $VM_FIRMWARE_DIR/OVMF_CODE_4M.fd ]] || bail "no firmware in $VM_FIRMWARE_DIR; install the package ovmf"
}

# Run a command inside the namespace as a background child that does not outlive this shell.
# Leaves its id in LAB_CHILD.
lab_spawn() {
    setpriv --pdeathsig KILL ip netns exec "$LAB_NAMESPACE" "$@" &
    LAB_CHILD=$!
}

lab_remove_namespace() {
    local namespace=$1 pid
    for pid in $(ip netns pids "$namespace" 2>/dev/null); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    ip netns delete "$namespace" 2>/dev/null || true
}

# Namespaces of runs that were killed before they could tidy up.
lab_remove_stale() {
    local namespace
    for namespace in $(ip netns list | awk -v prefix="$LAB_PREFIX" 'index($1, prefix) == 1 { print $1 }'); do
        [[ -d /proc/${namespace#"$LAB_PREFIX"} ]] || lab_remove_namespace "$namespace"
    done
}

lab_create_network() {
    LAB_NAMESPACE=$LAB_PREFIX$BASHPID
    ip netns add "$LAB_NAMESPACE"
    ip -n "$LAB_NAMESPACE" link set lo up
    ip -n "$LAB_NAMESPACE" tuntap add "$LAB_TAP" mode tap
    ip -n "$LAB_NAMESPACE" address add "$LAB_ADDRESS/24" dev "$LAB_TAP"
    ip -n "$LAB_NAMESPACE" link set "$LAB_TAP" mtu "$LAB_MTU" up
}

# A server tells nobody when it listens, so look at its socket, for five seconds at most.
lab_await_socket() {
    local pid=$1 protocol=$2 port=$3 log=$4 tries
    for ((tries = 0; tries < 250; tries++)); do
        if [[ -n $(ip netns exec "$LAB_NAMESPACE" ss -Hln "--$protocol" "sport = :$port") ]]; then
            return 0
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.02
    done
    printf 'no server listens on %s port %s; its log:\n' "$protocol" "$port" >&2
    cat "$log" >&2
    return 1
}

lab_start_dnsmasq() {
    local dir=$1 tftp_root=$2
    LAB_TFTP_LOG=$dir/dnsmasq.log
    lab_spawn dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --log-dhcp \
        --interface="$LAB_TAP" --bind-interfaces --log-facility=- \
        --pid-file="$dir/dnsmasq.pid" --dhcp-leasefile="$dir/dnsmasq.leases" \
        --dhcp-range=192.168.77.50,192.168.77.99,255.255.255.0,10m \
        --dhcp-option="option:mtu,$LAB_MTU" \
        --enable-tftp --tftp-root="$tftp_root" --dhcp-boot=bootx64.efi \
        </dev/null >"$LAB_TFTP_LOG" 2>&1
    LAB_PIDS+=("$LAB_CHILD")
    lab_await_socket "$LAB_CHILD" udp 69 "$LAB_TFTP_LOG"
}

lab_write_nginx_config() {
    local dir=$1 http_root=$2
    cat <<CONFIG
daemon off;
pid $dir/nginx.pid;
worker_processes 1;
events {
    worker_connections 64;
}
http {
    log_format request '\$request_method \$uri \$status \$body_bytes_sent';
    access_log $dir/access.log request;
    client_body_temp_path $dir/nginx;
    proxy_temp_path $dir/nginx;
    fastcgi_temp_path $dir/nginx;
    uwsgi_temp_path $dir/nginx;
    scgi_temp_path $dir/nginx;
    server {
        listen $LAB_ADDRESS:80;
        root $http_root;
    }
    include $dir/https.conf*;
}
CONFIG
}

# lab_add_https DIR HTTP_ROOT AUTHORITY
#
# Before lab_start: the HTTP root is handed out over HTTPS, too, by a certificate of an authority that
# is made for this and whose own certificate becomes the file AUTHORITY.
lab_add_https() {
    local dir=$1 http_root=$2 authority=$3
    mkdir -p "$dir"
    {
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=pxed boot laboratory' \
            -keyout "$dir/authority.key" -out "$authority"
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$LAB_ADDRESS" \
            -keyout "$dir/https.key" -out "$dir/https.csr"
        openssl x509 -req -in "$dir/https.csr" -days 2 -CA "$authority" -CAkey "$dir/authority.key" \
            -CAcreateserial -extfile <(printf 'subjectAltName=IP:%s\n' "$LAB_ADDRESS") \
            -out "$dir/https.crt"
    } >"$dir/openssl.log" 2>&1
    cat >"$dir/https.conf" <<CONFIG
server {
    listen $LAB_ADDRESS:443 ssl;
    ssl_certificate $dir/https.crt;
    ssl_certificate_key $dir/https.key;
    root $http_root;
}
CONFIG
}

lab_start_nginx() {
    local dir=$1 http_root=$2
    LAB_HTTP_LOG=$dir/access.log
    mkdir -p "$dir/nginx"
    lab_write_nginx_config "$dir" "$http_root" >"$dir/nginx.conf"
    lab_spawn nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" \
        </dev/null >"$dir/nginx.out" 2>&1
    LAB_PIDS+=("$LAB_CHILD")
    lab_await_socket "$LAB_CHILD" tcp 80 "$dir/error.log"
}

# lab_start_vsftpd DIR FTP_ROOT: after lab_start, for who needs it. Nobody can change anything there.
lab_start_vsftpd() {
    local dir=$1 ftp_root=$2
    LAB_FTP_LOG=$dir/vsftpd.log
    mkdir -p "$dir/empty"
    cat >"$dir/vsftpd.conf" <<CONFIG
listen=YES
listen_address=$LAB_ADDRESS
background=NO
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
nopriv_user=nobody
anon_root=$ftp_root
secure_chroot_dir=$dir/empty
xferlog_enable=YES
vsftpd_log_file=$LAB_FTP_LOG
CONFIG
    : >"$LAB_FTP_LOG"
    lab_spawn vsftpd "$dir/vsftpd.conf" </dev/null >"$dir/vsftpd.out" 2>&1
    LAB_PIDS+=("$LAB_CHILD")
    lab_await_socket "$LAB_CHILD" tcp 21 "$dir/vsftpd.out"
}

lab_write_ganesha_config() {
    local dir=$1 folder=$2 name=$3
    cat <<CONFIG
NFS_CORE_PARAM {
    Protocols = 4;
    Bind_addr = $LAB_ADDRESS;
    Enable_NLM = false;
    Enable_RQUOTA = false;
}
NFSV4 {
    Graceless = true;
    Only_Numeric_Owners = true;
    RecoveryRoot = "$dir/ganesha";
}
EXPORT {
    Export_Id = 1;
    Path = "$folder";
    Pseudo = "$name";
    Access_Type = RO;
    SecType = sys;
    FSAL {
        Name = VFS;
    }
}
CONFIG
}

# lab_start_ganesha DIR FOLDER NAME
#
# After lab_start, for who needs it: the folder is handed out as the absolute path NAME. NFS 4 alone needs one port
# and no portmapper; with a /run of its own, Ganesha finds neither the machine's, to tell it so, nor a bus to take
# orders from. Owners are numbers, as of Linux's own server: a machine looks names up on the ISO that it is about
# to open.
lab_start_ganesha() {
    local dir=$1 folder=$2 name=$3
    LAB_NFS_LOG=$dir/ganesha.log
    mkdir -p "$dir/ganesha"
    lab_write_ganesha_config "$dir" "$folder" "$name" >"$dir/ganesha.conf"
    # shellcheck disable=SC2016 # for the inner shell
    lab_spawn sh -euc 'mount -t tmpfs tmpfs /run; exec "$@"' - ganesha.nfsd -F \
        -f "$dir/ganesha.conf" -p "$dir/ganesha.pid" -L "$LAB_NFS_LOG" -N NIV_EVENT \
        </dev/null >"$dir/ganesha.out" 2>&1
    LAB_NFS_PID=$LAB_CHILD
    LAB_PIDS+=("$LAB_CHILD")
    lab_await_socket "$LAB_CHILD" tcp 2049 "$LAB_NFS_LOG"
}

# lab_start DIR TFTP_ROOT HTTP_ROOT
#
# DIR takes configurations and logs. Both roots must be reachable and readable for the servers'
# own unprivileged users; nothing is made readable for them here, since that is the artifact's part.
lab_start() {
    local dir=$1 tftp_root=$2 http_root=$3
    mkdir -p "$dir"
    lab_remove_stale
    lab_create_network
    lab_start_dnsmasq "$dir" "$tftp_root"
    lab_start_nginx "$dir" "$http_root"
}

# Ends what lab_start began; does nothing the second time.
lab_stop() {
    local pid
    [[ -n $LAB_NAMESPACE ]] || return 0
    for pid in "${LAB_PIDS[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    LAB_PIDS=()
    lab_remove_namespace "$LAB_NAMESPACE"
    LAB_NAMESPACE=
}

# How many times a path was handed out whole over HTTP.
lab_count_fetches() {
    awk -v path="$1" '$1 == "GET" && $2 == path && $3 == 200 { n++ } END { print n + 0 }' "$LAB_HTTP_LOG"
}

# How many HTTP requests there were for a path, of whatever kind and outcome.
lab_count_requests() {
    awk -v path="$1" '$2 == path { n++ } END { print n + 0 }' "$LAB_HTTP_LOG"
}

# What the server of NFS has read so far, of its own few files and of those that it hands out.
lab_bytes_of_nfs() {
    sed -n 's/^rchar: //p' "/proc/$LAB_NFS_PID/io"
}
