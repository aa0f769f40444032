/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Checks as regular expressions, put together from pieces. A '\' stands only outside of brackets or
 * doubled within, since POSIX takes it literally there; control characters are themselves.
 */

#include "config/config-patterns.h"

#include "common/cleanup.h"
#include "config/config-os.h"
#include "config/config-packages.h"
#include "config/config-url.h"
#include "config/config-values-os.h"

#define CONTROLS "\x01-\x1f\x7f"

/* ---- paths: a name is a part that is neither empty nor "." nor ".." ---- */

#define NAME                                                                        \
        "([^/." CONTROLS "][^/" CONTROLS "]*|\\.[^/." CONTROLS "][^/" CONTROLS "]*" \
        "|\\.\\.[^/" CONTROLS "]+)"
#define BELOW "((" NAME "|\\.)?/)*" NAME

/* On a medium: at most 100 characters, without those that its file systems do not hold. */
#define REFUSED "*:;?\\\\" CONTROLS
#define MEDIUM_NAME                                                                       \
        "([^/." REFUSED "][^/" REFUSED "]{0,99}|\\.[^/." REFUSED "][^/" REFUSED "]{0,98}" \
        "|\\.\\.[^/" REFUSED "]{1,98})"

/* ---- URLs ---- */

#define HEX       "[0-9A-Fa-f]"
#define URL_OTHER "[A-Za-z0-9._~:@!&()*+,;=-]|\\[|\\]|%" HEX "{2}"
#define PORT                                                                              \
        "(:0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]" \
        "|6553[0-5]))?"
#define HOST       "(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._~-]+)"
#define AUTHORITY  "((" URL_OTHER ")*@)?" HOST PORT
#define SERVER     "(ftp|https?|tftp)://" AUTHORITY
#define URL_FOLDER "(/(" URL_OTHER "|/)*)?"
#define URL_REST   "([/?](" URL_OTHER "|[/?])*)?"
#define ISO_NAME   "[A-Za-z0-9_+~][A-Za-z0-9._+~-]{0,95}\\.iso"
#define URL_FILE   "/((" URL_OTHER ")*/)*" ISO_NAME "(\\?(" URL_OTHER "|[/?])*)?"
/* Of a folder that can be mounted. */
#define NFS_SERVER "nfs://[A-Za-z0-9._~-]+"
#define NFS_FOLDER "/[A-Za-z0-9._~+/-]"

/* ---- the OS ---- */

#define LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

/* ---- accounts: not digits alone, neither "." nor ".." ---- */

#define ACCOUNT_REST "[A-Za-z0-9_.-]"
#define ACCOUNT                                         \
        "([0-9]+([A-Za-z_.-]" ACCOUNT_REST "*[$]?|[$])" \
        "|[A-Za-z_]" ACCOUNT_REST "*[$]?"               \
        "|\\.([$]|[A-Za-z0-9_-]" ACCOUNT_REST "*[$]?|\\.([$]|" ACCOUNT_REST "+[$]?)))"

#define FIELD      "/:" CONTROLS
#define FIELD_NAME "([^." FIELD "][^" FIELD "]*|\\.[^." FIELD "][^" FIELD "]*|\\.\\.[^" FIELD "]+)"

/* ---- overlays ---- */

#define LAYER      "A-Za-z0-9_+@-"
#define LAYER_NAME "([" LAYER "][." LAYER "]*|\\.[" LAYER "][." LAYER "]*|\\.\\.[." LAYER "]+)"

static const ConfigPattern patterns[] = {
        {
                        .check = config_value_line,
                        .about = "One line of text",
                        .regex = "^[^" CONTROLS "]+$",
                        .takes_numbers = true,
        },
        {
                        .check = config_value_script,
                        .about = "The text of a script, which is not empty",
                        .regex = "[^ ]| ",
                        .takes_numbers = true,
        },
        {
                        .check = config_value_path,
                        .about = "The path of a file, seen from the folder of the config",
                        .regex = "^[^" CONTROLS "]+$",
                        .max_characters = 4095,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_script_path,
                        .about = "The path of a file in the folder of the config or below",
                        .regex = "^((" NAME "|\\.)/((" NAME "|\\.)?/)*)?" NAME "$",
                        .max_characters = 4095,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_interpreter,
                        .about = "The name of a program in the image, or its absolute path",
                        .regex = "^(/[^" CONTROLS "]*|[A-Za-z0-9_][A-Za-z0-9_.+-]*)$",
                        .max_characters = 4095,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_os_destination,
                        .about = "The absolute path of a file in the image, without \"..\"",
                        .regex = "^/" BELOW "$",
                        .max_characters = 4095,
        },
        {
                        .check = config_value_medium_destination,
                        .about = "The path of a file from the root of the medium, without \"..\", of at "
                                 "most 240 bytes",
                        .regex = "^((" MEDIUM_NAME "|\\.)?/)*" MEDIUM_NAME "$",
                        .max_characters = 4095,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_hostname,
                        .about = "A host name: letters, digits and inner hyphens, in parts with dots "
                                 "between",
                        .regex = "^" LABEL "(\\." LABEL ")*$",
                        .max_characters = 64,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_unit,
                        .about = "The name of a systemd unit",
                        .regex = "^([A-Za-z0-9:_]|\\\\)([A-Za-z0-9:_.@-]|\\\\)*$",
                        .max_characters = 255,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_environment_name,
                        .about = "The name of an environment variable",
                        .regex = "^[A-Za-z_][A-Za-z0-9_]*$",
                        .max_characters = 255,
        },
        {
                        .check = config_value_os_folder,
                        .about = "The absolute path of a folder in the image, without \"..\"",
                        .regex = "^/((" NAME "|\\.)?/)*(" NAME "|\\.)?$",
                        .max_characters = 4095,
        },
        {
                        .check = config_value_account,
                        .about = "The name of a user or group",
                        .regex = "^" ACCOUNT "$",
                        .max_characters = 32,
        },
        {
                        .check = config_value_secret,
                        .about = "A password, its hash, or the path of a file with one",
                        .regex = "^[^" CONTROLS "]+$",
                        .max_characters = CONFIG_MAX_SECRET_BYTES - 1,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_ssh_key,
                        .about = "A public key of SSH, as a line of authorized_keys",
                        .regex = "^[A-Za-z][^ " CONTROLS "]* +[^ " CONTROLS "][^" CONTROLS "]*$",
                        .max_characters = 16384,
        },
        {
                        .check = config_value_home,
                        .about = "The absolute path of a home, without \"..\" and \":\"",
                        .regex = "^/((" FIELD_NAME "|\\.)?/)*(" FIELD_NAME "|\\.)?$",
                        .max_characters = 4095,
        },
        {
                        .check = config_value_startup_command,
                        .about = "The absolute path of a program in the image, without \":\"",
                        .regex = "^/[^:" CONTROLS "]*$",
                        .max_characters = 4095,
        },
        {
                        .check = config_value_module,
                        .about = "The name of a kernel module",
                        .regex = "^[A-Za-z0-9_][A-Za-z0-9_-]*$",
                        .max_characters = 55,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_module_option,
                        .about = "The name of a module's option",
                        .regex = "^[A-Za-z0-9_.-]+$",
                        .max_characters = 255,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_overlay_dir,
                        .about = "The absolute path of a folder of letters, digits and \"/_.+@-\"",
                        .regex = "^/((" LAYER_NAME "|\\.)?/)*" LAYER_NAME "(/\\.?)*$",
                        .max_characters = 4095,
        },
        {
                        .check = config_value_overlay_options,
                        .about = "Options of mount with commas between",
                        .regex = "^,*[A-Za-z0-9/_.+@:=-][A-Za-z0-9/_.+@:=,-]*$",
                        .max_characters = 1024,
                        .takes_numbers = true,
        },
        {
                        .check = config_value_package,
                        .about = "The name of a package, a version may follow",
                        .regex = "^[A-Za-z0-9]([A-Za-z0-9+._:=~^-]*[A-Za-z0-9+._:~^])?$",
                        .max_characters = PACKAGE_NAME_MAX,
                        .takes_numbers = true,
        },
        {
                        .check = config_url_check_base,
                        .about = "The URL of a folder, to which the ISO's name is appended",
                        .regex = "^(" SERVER URL_FOLDER "|" NFS_SERVER NFS_FOLDER "+)?$",
                        .max_characters = 1000,
        },
        {
                        .check = config_url_check_file,
                        .about = "The URL of the ISO itself",
                        .regex = "^(" SERVER URL_FILE "|" NFS_SERVER NFS_FOLDER "*/" ISO_NAME ")?$",
                        .max_characters = 1000,
        },
        {
                        .check = config_url_check_download,
                        .about = "The URL of a file that a Live OS fetches",
                        .regex = "^(ftp|https?|tftp)://" AUTHORITY URL_REST "$",
                        .max_characters = 4000,
        },
        {
                        .check = config_value_sha256,
                        .about = "A SHA-256 digest, in hexadecimal digits",
                        .regex = "^" HEX "{64}$",
                        .max_characters = 64,
        },
};

const ConfigPattern config_pattern_permissions = {
        .about = "Permissions as an octal number, 0 to 0777",
        .regex = "^(0o)?0{0,5}[0-7]{1,3}$",
        .takes_numbers = true,
};

const ConfigPattern *config_pattern_find(ConfigValueCheck check) {
        for (size_t i = 0; i < ELEMENTSOF(patterns); i++)
                if (patterns[i].check == check)
                        return &patterns[i];
        return NULL;
}
