/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In version 2 a program decides about devices. Ours is a chain of comparisons written out of the
 * table: no loop, no map, no library. */

#include "container/device-filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "container/privilege.h"

#define RULE_SIZE   4u
#define PROGRAM_MAX 64u

const DeviceRule device_rules[] = {
        { 1, 3 },            /* null */
        { 1, 5 },            /* zero */
        { 1, 7 },            /* full */
        { 1, 8 },            /* random */
        { 1, 9 },            /* urandom */
        { 10, 229 },         /* fuse, for the conductor alone */
        { 5, 2 },            /* ptmx, of the container's own devpts */
        { 136, DEVICE_ANY }, /* and its terminals */
};

const size_t n_device_rules = ELEMENTSOF(device_rules);

/* Registers: 1 the kernel's description, 2 to 4 kind, major and minor, 5 the kind of access. */
static struct bpf_insn load(uint8_t to, uint8_t from, size_t offset) {
        return (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
                                  .dst_reg = to,
                                  .src_reg = from,
                                  .off = (int16_t) offset };
}

static struct bpf_insn compute(uint8_t code, uint8_t to, int value) {
        return (struct bpf_insn){ .code = (uint8_t) (BPF_ALU | BPF_K | code),
                                  .dst_reg = to,
                                  .imm = value };
}

static struct bpf_insn skip_unless(uint8_t reg, unsigned value, int16_t count) {
        return (struct bpf_insn){ .code = BPF_JMP | BPF_JNE | BPF_K,
                                  .dst_reg = reg,
                                  .off = count,
                                  .imm = (int) value };
}

static struct bpf_insn leave(void) {
        return (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
}

/* Making a node is never allowed, so that none of the five can be made anew elsewhere. */
static size_t write_program(struct bpf_insn *program) {
        size_t n = 0;

        program[n++] = load(BPF_REG_2, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, access_type));
        program[n++] = load(BPF_REG_3, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, major));
        program[n++] = load(BPF_REG_4, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, minor));
        program[n++] = compute(BPF_MOV, BPF_REG_0, 0);
        program[n++] = (struct bpf_insn){ .code = BPF_ALU | BPF_X | BPF_MOV,
                                          .dst_reg = BPF_REG_5,
                                          .src_reg = BPF_REG_2 };
        program[n++] = compute(BPF_AND, BPF_REG_2, 0xffff);
        program[n++] = skip_unless(BPF_REG_2, BPF_DEVCG_DEV_CHAR, 3);
        program[n++] = compute(BPF_RSH, BPF_REG_5, 16);
        program[n++] = compute(BPF_AND, BPF_REG_5, BPF_DEVCG_ACC_MKNOD);
        program[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K,
                                          .dst_reg = BPF_REG_5,
                                          .off = 1 };
        program[n++] = leave();
        for (size_t i = 0; i < n_device_rules; i++) {
                const DeviceRule *rule = &device_rules[i];

                program[n++] = skip_unless(BPF_REG_3, rule->major, RULE_SIZE - 1);
                /* Any minor: one that equals itself. */
                program[n++] = rule->minor == DEVICE_ANY
                                               ? compute(BPF_MOV, BPF_REG_0, 0)
                                               : skip_unless(BPF_REG_4, rule->minor, RULE_SIZE - 2);
                program[n++] = compute(BPF_MOV, BPF_REG_0, 1);
                program[n++] = leave();
        }
        program[n++] = leave();
        return n;
}

int device_filter_attach(int group_fd) {
        struct bpf_insn program[PROGRAM_MAX];
        union bpf_attr load_attributes = {
                .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                .insns = (uint64_t) (uintptr_t) program,
                .insn_cnt = (uint32_t) write_program(program),
                .license = (uint64_t) (uintptr_t) "LGPL-2.1-or-later",
        };
        union bpf_attr attach_attributes = {
                .target_fd = (uint32_t) group_fd,
                .attach_type = BPF_CGROUP_DEVICE,
                .attach_flags = BPF_F_ALLOW_MULTI,
        };
        _cleanup_close_ int program_fd = privilege_bpf(
                        BPF_PROG_LOAD,
                        &load_attributes,
                        sizeof(load_attributes));

        if (program_fd < 0)
                return program_fd;
        attach_attributes.attach_bpf_fd = (uint32_t) program_fd;
        return privilege_bpf(BPF_PROG_ATTACH, &attach_attributes, sizeof(attach_attributes));
}
