/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The words of the bus contract: what the service answers to and the client asks for. The XML
 * files beside this header say what each of them means.
 */

#define BUS_NAME "org.pxed1"

/* The manager's object. Jobs and artifacts are "…/job/_7": the number of ListJobs() behind an
 * underscore, since an element of an object path may be anything but is read most easily so. */
#define BUS_PATH                 "/org/pxed1"
#define BUS_PATH_JOB             "/org/pxed1/job"
#define BUS_PATH_JOB_FORMAT      "/org/pxed1/job/_%u"
#define BUS_PATH_ARTIFACT        "/org/pxed1/artifact"
#define BUS_PATH_ARTIFACT_FORMAT "/org/pxed1/artifact/_%u"

/* A property of type `o` cannot be empty: this stands for "no object". */
#define BUS_PATH_NONE "/"

#define BUS_INTERFACE_MANAGER  "org.pxed1.Manager"
#define BUS_INTERFACE_JOB      "org.pxed1.Job"
#define BUS_INTERFACE_ARTIFACT "org.pxed1.Artifact"

/* Errors of our own; dbus/errors.h says when each is sent. */
#define BUS_ERROR_CANCELLED        "org.pxed1.Error.Cancelled"
#define BUS_ERROR_INTERRUPTED      "org.pxed1.Error.Interrupted"
#define BUS_ERROR_INVALID_CONFIG   "org.pxed1.Error.InvalidConfig"
#define BUS_ERROR_INVALID_IMAGE    "org.pxed1.Error.InvalidImage"
#define BUS_ERROR_INCOMPATIBLE     "org.pxed1.Error.Incompatible"
#define BUS_ERROR_UNSUPPORTED      "org.pxed1.Error.Unsupported"
#define BUS_ERROR_NO_SPACE         "org.pxed1.Error.NoSpace"
#define BUS_ERROR_NO_SUCH_IMAGE    "org.pxed1.Error.NoSuchImage"
#define BUS_ERROR_IMAGE_EXISTS     "org.pxed1.Error.ImageExists"
#define BUS_ERROR_NO_SUCH_TARGET   "org.pxed1.Error.NoSuchTarget"
#define BUS_ERROR_NO_SUCH_ARTIFACT "org.pxed1.Error.NoSuchArtifact"
#define BUS_ERROR_NO_SUCH_FILE     "org.pxed1.Error.NoSuchFile"
#define BUS_ERROR_TOO_MANY_JOBS    "org.pxed1.Error.TooManyJobs"
#define BUS_ERROR_BUSY             "org.pxed1.Error.Busy"
#define BUS_ERROR_FAILED           "org.pxed1.Error.Failed"

/* Errors that D-Bus itself has a name for. */
#define BUS_ERROR_ACCESS_DENIED     "org.freedesktop.DBus.Error.AccessDenied"
#define BUS_ERROR_NEEDS_INTERACTION "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
#define BUS_ERROR_INVALID_ARGUMENT  "org.freedesktop.DBus.Error.InvalidArgs"
#define BUS_ERROR_LIMIT             "org.freedesktop.DBus.Error.LimitsExceeded"
#define BUS_ERROR_NO_MEMORY         "org.freedesktop.DBus.Error.NoMemory"
#define BUS_ERROR_TIMEOUT           "org.freedesktop.DBus.Error.Timeout"

/* Values of org.pxed1.Job.State. The first two are the living ones. */
#define BUS_JOB_QUEUED      "queued"
#define BUS_JOB_RUNNING     "running"
#define BUS_JOB_DONE        "done"
#define BUS_JOB_FAILED      "failed"
#define BUS_JOB_CANCELLED   "cancelled"
#define BUS_JOB_INTERRUPTED "interrupted"

/* Values of org.pxed1.Job.Kind. */
#define BUS_JOB_BUILD   "build"
#define BUS_JOB_PLAN    "plan"
#define BUS_JOB_EXPORT  "export"
#define BUS_JOB_RESTORE "restore"
#define BUS_JOB_IMPORT  "import"

/* Keys of the options of Build and BuildFromFiles. */
#define BUS_OPTION_FORMAT            "format"
#define BUS_OPTION_PXE_ARTIFACTS     "pxe-artifacts"
#define BUS_OPTION_VOLUME_ID         "volume-id"
#define BUS_OPTION_ISO_NAME          "iso-name"
#define BUS_OPTION_COMPRESSOR        "compressor"
#define BUS_OPTION_COMPRESSION_LEVEL "compression-level"
#define BUS_OPTION_SOURCE_DATE_EPOCH "source-date-epoch"
/* … of ImportImage. */
#define BUS_OPTION_REPLACE "replace"
/* … and of every method that starts a job. */
#define BUS_OPTION_TITLE  "title"
#define BUS_OPTION_COOKIE "cookie"
