module x509-goldens

go 1.26
