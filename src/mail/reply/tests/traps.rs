//! Signatures, answers between quotations, mails passed on, and texts that only look like one of these.

use super::*;
