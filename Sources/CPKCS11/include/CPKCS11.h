// The part of the PKCS#11 v2.40 interface that Lethe calls, written down from the standard's text:
// types, the function list in its order, and the constants in use. Functions Lethe never calls keep
// their place in the list as `CK_UNUSED`. Structures have the platform's own alignment, as on every
// Unix; Windows would pack them.
#ifndef LETHE_CPKCS11_H
#define LETHE_CPKCS11_H

typedef unsigned char CK_BYTE;
typedef unsigned char CK_BBOOL;
typedef unsigned long CK_ULONG;
typedef CK_ULONG CK_FLAGS;
typedef CK_ULONG CK_RV;
typedef CK_ULONG CK_SLOT_ID;
typedef CK_ULONG CK_SESSION_HANDLE;
typedef CK_ULONG CK_OBJECT_HANDLE;

typedef struct {
  CK_BYTE major;
  CK_BYTE minor;
} CK_VERSION;

typedef struct {
  CK_BYTE slotDescription[64];
  CK_BYTE manufacturerID[32];
  CK_FLAGS flags;
  CK_VERSION hardwareVersion;
  CK_VERSION firmwareVersion;
} CK_SLOT_INFO;

typedef struct {
  CK_BYTE label[32];
  CK_BYTE manufacturerID[32];
  CK_BYTE model[16];
  CK_BYTE serialNumber[16];
  CK_FLAGS flags;
  CK_ULONG ulMaxSessionCount;
  CK_ULONG ulSessionCount;
  CK_ULONG ulMaxRwSessionCount;
  CK_ULONG ulRwSessionCount;
  CK_ULONG ulMaxPinLen;
  CK_ULONG ulMinPinLen;
  CK_ULONG ulTotalPublicMemory;
  CK_ULONG ulFreePublicMemory;
  CK_ULONG ulTotalPrivateMemory;
  CK_ULONG ulFreePrivateMemory;
  CK_VERSION hardwareVersion;
  CK_VERSION firmwareVersion;
  CK_BYTE utcTime[16];
} CK_TOKEN_INFO;

typedef struct {
  CK_ULONG type;
  void *pValue;
  CK_ULONG ulValueLen;
} CK_ATTRIBUTE;

typedef struct {
  CK_ULONG mechanism;
  void *pParameter;
  CK_ULONG ulParameterLen;
} CK_MECHANISM;

// `ulIvBits` is in the structure of v2.40 and not in its text; SoftHSM2 expects it.
typedef struct {
  CK_BYTE *pIv;
  CK_ULONG ulIvLen;
  CK_ULONG ulIvBits;
  CK_BYTE *pAAD;
  CK_ULONG ulAADLen;
  CK_ULONG ulTagBits;
} CK_GCM_PARAMS;

// The four callbacks stay null: the module locks by the system's own means.
typedef struct {
  void *CreateMutex;
  void *DestroyMutex;
  void *LockMutex;
  void *UnlockMutex;
  CK_FLAGS flags;
  void *pReserved;
} CK_C_INITIALIZE_ARGS;

typedef struct CK_FUNCTION_LIST CK_FUNCTION_LIST;
typedef CK_RV (*CK_GET_FUNCTION_LIST)(CK_FUNCTION_LIST **list);
typedef CK_RV (*CK_UNUSED)(void);

struct CK_FUNCTION_LIST {
  CK_VERSION version;
  CK_RV (*C_Initialize)(void *arguments);
  CK_UNUSED C_Finalize;
  CK_UNUSED C_GetInfo;
  CK_GET_FUNCTION_LIST C_GetFunctionList;
  CK_RV (*C_GetSlotList)(CK_BBOOL tokenPresent, CK_SLOT_ID *slots, CK_ULONG *count);
  CK_RV (*C_GetSlotInfo)(CK_SLOT_ID slot, CK_SLOT_INFO *info);
  CK_RV (*C_GetTokenInfo)(CK_SLOT_ID slot, CK_TOKEN_INFO *info);
  CK_UNUSED C_GetMechanismList;
  CK_UNUSED C_GetMechanismInfo;
  CK_UNUSED C_InitToken;
  CK_UNUSED C_InitPIN;
  CK_UNUSED C_SetPIN;
  CK_RV (*C_OpenSession)(
      CK_SLOT_ID slot, CK_FLAGS flags, void *application, void *notify,
      CK_SESSION_HANDLE *session);
  CK_RV (*C_CloseSession)(CK_SESSION_HANDLE session);
  CK_RV (*C_CloseAllSessions)(CK_SLOT_ID slot);
  CK_UNUSED C_GetSessionInfo;
  CK_UNUSED C_GetOperationState;
  CK_UNUSED C_SetOperationState;
  CK_RV (*C_Login)(
      CK_SESSION_HANDLE session, CK_ULONG user, const CK_BYTE *pin, CK_ULONG pinLength);
  CK_UNUSED C_Logout;
  CK_RV (*C_CreateObject)(
      CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count,
      CK_OBJECT_HANDLE *object);
  CK_UNUSED C_CopyObject;
  CK_RV (*C_DestroyObject)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
  CK_UNUSED C_GetObjectSize;
  CK_RV (*C_GetAttributeValue)(
      CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes,
      CK_ULONG count);
  CK_UNUSED C_SetAttributeValue;
  CK_RV (*C_FindObjectsInit)(
      CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count);
  CK_RV (*C_FindObjects)(
      CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG maximum, CK_ULONG *count);
  CK_RV (*C_FindObjectsFinal)(CK_SESSION_HANDLE session);
  CK_RV (*C_EncryptInit)(
      CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
  CK_RV (*C_Encrypt)(
      CK_SESSION_HANDLE session, const CK_BYTE *data, CK_ULONG dataLength, CK_BYTE *encrypted,
      CK_ULONG *encryptedLength);
  CK_UNUSED C_EncryptUpdate;
  CK_UNUSED C_EncryptFinal;
  CK_RV (*C_DecryptInit)(
      CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
  CK_RV (*C_Decrypt)(
      CK_SESSION_HANDLE session, const CK_BYTE *encrypted, CK_ULONG encryptedLength,
      CK_BYTE *data, CK_ULONG *dataLength);
  CK_UNUSED C_DecryptUpdate;
  CK_UNUSED C_DecryptFinal;
  CK_UNUSED C_DigestInit;
  CK_UNUSED C_Digest;
  CK_UNUSED C_DigestUpdate;
  CK_UNUSED C_DigestKey;
  CK_UNUSED C_DigestFinal;
  CK_UNUSED C_SignInit;
  CK_UNUSED C_Sign;
  CK_UNUSED C_SignUpdate;
  CK_UNUSED C_SignFinal;
  CK_UNUSED C_SignRecoverInit;
  CK_UNUSED C_SignRecover;
  CK_UNUSED C_VerifyInit;
  CK_UNUSED C_Verify;
  CK_UNUSED C_VerifyUpdate;
  CK_UNUSED C_VerifyFinal;
  CK_UNUSED C_VerifyRecoverInit;
  CK_UNUSED C_VerifyRecover;
  CK_UNUSED C_DigestEncryptUpdate;
  CK_UNUSED C_DecryptDigestUpdate;
  CK_UNUSED C_SignEncryptUpdate;
  CK_UNUSED C_DecryptVerifyUpdate;
  CK_RV (*C_GenerateKey)(
      CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *attributes,
      CK_ULONG count, CK_OBJECT_HANDLE *key);
  CK_UNUSED C_GenerateKeyPair;
  CK_UNUSED C_WrapKey;
  CK_UNUSED C_UnwrapKey;
  CK_UNUSED C_DeriveKey;
  CK_UNUSED C_SeedRandom;
  CK_UNUSED C_GenerateRandom;
  CK_UNUSED C_GetFunctionStatus;
  CK_UNUSED C_CancelFunction;
  CK_UNUSED C_WaitForSlotEvent;
};

static const CK_ULONG CKU_USER = 1;

static const CK_FLAGS CKF_HW_SLOT = 0x4;
static const CK_FLAGS CKF_OS_LOCKING_OK = 0x2;
static const CK_FLAGS CKF_RW_SESSION = 0x2;
static const CK_FLAGS CKF_SERIAL_SESSION = 0x4;
static const CK_FLAGS CKF_TOKEN_INITIALIZED = 0x400;
static const CK_FLAGS CKF_USER_PIN_LOCKED = 0x40000;

static const CK_ULONG CKO_DATA = 0x0;
static const CK_ULONG CKO_SECRET_KEY = 0x4;
static const CK_ULONG CKK_AES = 0x1F;

static const CK_ULONG CKA_CLASS = 0x0;
static const CK_ULONG CKA_TOKEN = 0x1;
static const CK_ULONG CKA_PRIVATE = 0x2;
static const CK_ULONG CKA_LABEL = 0x3;
static const CK_ULONG CKA_APPLICATION = 0x10;
static const CK_ULONG CKA_VALUE = 0x11;
static const CK_ULONG CKA_KEY_TYPE = 0x100;
static const CK_ULONG CKA_SENSITIVE = 0x103;
static const CK_ULONG CKA_ENCRYPT = 0x104;
static const CK_ULONG CKA_DECRYPT = 0x105;
static const CK_ULONG CKA_WRAP = 0x106;
static const CK_ULONG CKA_UNWRAP = 0x107;
static const CK_ULONG CKA_SIGN = 0x108;
static const CK_ULONG CKA_VERIFY = 0x10A;
static const CK_ULONG CKA_DERIVE = 0x10C;
static const CK_ULONG CKA_VALUE_LEN = 0x161;
static const CK_ULONG CKA_EXTRACTABLE = 0x162;

static const CK_ULONG CKM_AES_KEY_GEN = 0x1080;
static const CK_ULONG CKM_AES_GCM = 0x1087;

static const CK_RV CKR_OK = 0x0;
static const CK_RV CKR_HOST_MEMORY = 0x2;
static const CK_RV CKR_SLOT_ID_INVALID = 0x3;
static const CK_RV CKR_GENERAL_ERROR = 0x5;
static const CK_RV CKR_FUNCTION_FAILED = 0x6;
static const CK_RV CKR_ARGUMENTS_BAD = 0x7;
static const CK_RV CKR_CANT_LOCK = 0xA;
static const CK_RV CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
static const CK_RV CKR_ATTRIBUTE_VALUE_INVALID = 0x13;
static const CK_RV CKR_ACTION_PROHIBITED = 0x1B;
static const CK_RV CKR_DEVICE_ERROR = 0x30;
static const CK_RV CKR_DEVICE_MEMORY = 0x31;
static const CK_RV CKR_DEVICE_REMOVED = 0x32;
static const CK_RV CKR_ENCRYPTED_DATA_INVALID = 0x40;
static const CK_RV CKR_FUNCTION_NOT_SUPPORTED = 0x54;
static const CK_RV CKR_KEY_HANDLE_INVALID = 0x60;
static const CK_RV CKR_KEY_FUNCTION_NOT_PERMITTED = 0x68;
static const CK_RV CKR_MECHANISM_INVALID = 0x70;
static const CK_RV CKR_MECHANISM_PARAM_INVALID = 0x71;
static const CK_RV CKR_OBJECT_HANDLE_INVALID = 0x82;
static const CK_RV CKR_OPERATION_ACTIVE = 0x90;
static const CK_RV CKR_PIN_INCORRECT = 0xA0;
static const CK_RV CKR_PIN_INVALID = 0xA1;
static const CK_RV CKR_PIN_LEN_RANGE = 0xA2;
static const CK_RV CKR_PIN_EXPIRED = 0xA3;
static const CK_RV CKR_PIN_LOCKED = 0xA4;
static const CK_RV CKR_SESSION_CLOSED = 0xB0;
static const CK_RV CKR_SESSION_COUNT = 0xB1;
static const CK_RV CKR_SESSION_HANDLE_INVALID = 0xB3;
static const CK_RV CKR_TEMPLATE_INCONSISTENT = 0xD1;
static const CK_RV CKR_TOKEN_NOT_PRESENT = 0xE0;
static const CK_RV CKR_TOKEN_NOT_RECOGNIZED = 0xE1;
static const CK_RV CKR_TOKEN_WRITE_PROTECTED = 0xE2;
static const CK_RV CKR_USER_ALREADY_LOGGED_IN = 0x100;
static const CK_RV CKR_USER_NOT_LOGGED_IN = 0x101;
static const CK_RV CKR_USER_PIN_NOT_INITIALIZED = 0x102;
static const CK_RV CKR_USER_ANOTHER_ALREADY_LOGGED_IN = 0x104;
static const CK_RV CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
static const CK_RV CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

#endif
